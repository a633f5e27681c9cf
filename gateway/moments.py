"""Moments as they are written everywhere: ISO 8601 in UTC, to the millisecond, as text that sorts."""

from __future__ import annotations

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """`moment` carries a time zone."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str) -> datetime:
    """What `written` wrote. Raises ValueError."""
    return datetime.fromisoformat(text)


def utc_now() -> str:
    return written(datetime.now(UTC))
