"""Moments as they are written everywhere: ISO 8601 in UTC, to the millisecond, as text that sorts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SPAN = re.compile(r"([0-9]{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def written(moment: datetime) -> str:
    """`moment` carries a time zone."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str) -> datetime:
    """What `written` wrote. Raises ValueError."""
    return datetime.fromisoformat(text)


def meant(text: str, now: datetime) -> str:
    """The moment that a person means, as it is written: so long before `now` (30m, 12h, 7d, 2w), or a day or moment in ISO
    8601, in UTC where it names no zone. Raises ValueError.
    """
    said = text.strip()
    span = _SPAN.fullmatch(said)
    try:
        moment = now - timedelta(**{_UNITS[span[2]]: int(span[1])}) if span else datetime.fromisoformat(said)
        return written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except OverflowError:
        raise ValueError("a moment outside of the calendar") from None


def utc_now() -> str:
    return written(datetime.now(UTC))
