"""From when to when the record is read, as `--since` and `--until` have it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.moments import meant

Since = Annotated[str | None, typer.Option("--since", help="From then on: 30m, 12h, 7d, 2w, or a day or moment in UTC.")]
Until = Annotated[str | None, typer.Option("--until", help="Before then, in the same words.")]


def moment(since: str, now: datetime, option: str = "--since") -> str:
    """The moment that is meant, in ISO 8601 and UTC as the record writes it. Raises BadParameter, which names the option."""
    try:
        return meant(since, now)
    except ValueError:
        raise typer.BadParameter(f"write {option} as 30m, 12h, 7d, 2w or a date such as 2026-01-31") from None


def window(since: str | None, until: str | None) -> tuple[str | None, str | None]:
    """Both, as the record writes them, by the clock of this moment. Raises BadParameter, also where no moment lies between."""
    now = datetime.now(UTC)
    start = None if since is None else moment(since, now)
    end = None if until is None else moment(until, now, "--until")
    if start is not None and end is not None and start >= end:
        raise typer.BadParameter("--since has to be before --until")
    return start, end
