"""`gateway assurance explain`: why one exchange was treated as it was, in plain words, out of the record alone."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.assurance.evidence.case import read_case
from gateway.assurance.evidence.explanation import explanation
from gateway.cli.assurance.output import AsJson, InLanguage, Tongue, show
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, place_of, readable, settings_of, told


def explain(
    call_id: Annotated[
        str, typer.Argument(metavar="CALL_ID", help="The exchange, as x-request-id and gateway audit list name it.")
    ],
    names: Annotated[
        bool, typer.Option("--names", help="Name the caller and who acted on it. Leave it out for what you give to others.")
    ] = False,
    language: InLanguage = Tongue.ENGLISH,
    as_json: AsJson = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Say why an exchange was treated as it was: decision, findings, route, what is kept, who acted on it, and the proof."""
    settings = settings_of(state_dir, database)
    with told(), readable(settings) as record:
        try:
            case = read_case(record, call_id)
        except ValueError:
            fail(f"the record in {place_of(settings)} holds an act that this version cannot read")
    if case is None:
        fail(f"the record in {place_of(settings)} holds no such exchange that this version can read; see gateway audit list")
    show(explanation(case, names=names), language, machine=as_json)
