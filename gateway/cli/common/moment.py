"""From when on the record is read, as `--since` has it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import typer

from gateway.moments import written

_SPAN = re.compile(r"([0-9]{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(since: str, now: datetime) -> str:
    """The start of the time that is meant, in ISO 8601 and UTC as the record writes it. Raises BadParameter."""
    span = _SPAN.fullmatch(since.strip())
    try:
        start = now - timedelta(**{_UNITS[span[2]]: int(span[1])}) if span else datetime.fromisoformat(since.strip())
        start = (start if start.tzinfo else start.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter("write --since as 30m, 12h, 7d, 2w or a date such as 2026-01-31") from None
    return written(start)
