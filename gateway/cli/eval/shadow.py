"""`gateway eval shadow`: copies beside the answers that clients got."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.audit.reader import read_since
from gateway.cli.common.moment import moment
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, place_of, readable, settings_of, told
from gateway.cli.eval.ending import AsJson, end
from gateway.cli.eval.report import of_copies
from gateway.routing.copies import copied


def shadow(
    model: Annotated[str, typer.Argument(help="The model whose exchanges were copied.")],
    since: Annotated[str, typer.Option("--since", help="From then on: 30m, 12h, 7d, or a date.")] = "7d",
    overlap: Annotated[
        float, typer.Option("--overlap", min=0, max=1, help="How alike answers have to be, in the median.")
    ] = 0.0,
    as_json: AsJson = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Compare copies with the answers that clients got, out of the record. Overlap is there where policy keeps content."""
    settings = settings_of(state_dir, database)
    with told(), readable(settings) as store:
        try:
            pairs = list(copied((row.record for row in read_since(store, moment(since, datetime.now(UTC)))), model))
        except ValueError:
            fail(f"the record in {place_of(settings)} holds an entry that this version cannot read")
    if not pairs:
        fail(f"the record in {place_of(settings)} holds no copies of exchanges with this model")
    end(of_copies(pairs, overlap), ("answered", "shadow"), as_json)
