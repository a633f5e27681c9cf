from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from gateway.moments import read, utc_now, written


def test_times_are_utc_to_the_millisecond() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", utc_now())


def test_any_zone_is_written_as_utc_and_read_back() -> None:
    noon_in_shanghai = datetime(2026, 1, 1, 12, 0, 0, 1_000, tzinfo=timezone(timedelta(hours=8)))
    assert written(noon_in_shanghai) == "2026-01-01T04:00:00.001Z"
    assert read("2026-01-01T04:00:00.001Z") == noon_in_shanghai.astimezone(UTC)
