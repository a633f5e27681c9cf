"""`gateway audit verify`: whether the record is what was signed."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.audit.check import check_log
from gateway.audit.verify import read_key
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, readable, settings_of, told


def verify(
    key: Annotated[
        str | None,
        typer.Option(
            "--key", help="The verifier key that you noted. Default: the one that signed last, on the log's own word."
        ),
    ] = None,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Make every leaf and root of the log anew; name the first thing that is wrong, with exit status 1."""
    with told(), readable(settings_of(state_dir, database)) as record:
        typer.echo(str(check_log(record, None if key is None else read_key(key))))
    if key is None:
        typer.echo("the key was taken from the log itself: note it elsewhere, and give it with --key", err=True)
