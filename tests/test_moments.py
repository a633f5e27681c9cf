from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.moments import meant, read, utc_now, written


def test_times_are_utc_to_the_millisecond() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", utc_now())


def test_any_zone_is_written_as_utc_and_read_back() -> None:
    noon_in_shanghai = datetime(2026, 1, 1, 12, 0, 0, 1_000, tzinfo=timezone(timedelta(hours=8)))
    assert written(noon_in_shanghai) == "2026-01-01T04:00:00.001Z"
    assert read("2026-01-01T04:00:00.001Z") == noon_in_shanghai.astimezone(UTC)


NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("90m", "2026-03-08T10:30:00.000Z"),
        (" 12h ", "2026-03-08T00:00:00.000Z"),
        ("2w", "2026-02-22T12:00:00.000Z"),
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("2026-01-31T08:00", "2026-01-31T08:00:00.000Z"),
        ("2026-01-31T08:00+08:00", "2026-01-31T00:00:00.000Z"),
    ],
)
def test_what_people_say_of_a_moment(said: str, moment: str) -> None:
    assert meant(said, NOON) == moment


@pytest.mark.parametrize("said", ["", "7", "d", "yesterday", "2026-02-30", "0001-01-01T00:00+14:00"])
def test_what_is_no_moment(said: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (of several makers)
        meant(said, NOON)
