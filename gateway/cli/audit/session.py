"""What the commands of `gateway audit` share."""

from __future__ import annotations

from typing import Annotated, Protocol, TypeVar

import typer

from gateway.cli.common.moment import window
from gateway.cli.common.record import fail, place_of, readable, told
from gateway.settings import Settings
from gateway.store import Database

_Row = TypeVar("_Row", covariant=True)
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")]


class Read(Protocol[_Row]):
    """The newest rows of one sort. Raises AuditUnavailable; ValueError for one of another version."""

    def __call__(self, database: Database, /, *, limit: int, since: str | None, until: str | None) -> tuple[_Row, ...]: ...


def latest(
    read: Read[_Row], what: str, since: str | None, until: str | None, limit: int, settings: Settings
) -> tuple[_Row, ...]:
    """The latest of them within a time; that there are none is said. `what` names them."""
    start, end = window(since, until)
    with told(), readable(settings) as record:
        try:
            rows = read(record, limit=limit, since=start, until=end)
        except ValueError:
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
    if not rows:
        typer.echo(f"no {what} {'then' if start or end else 'yet'} in {place_of(settings)}", err=True)
    return rows
