"""`gateway audit resume`: sign on after the log was put back to an earlier state, and say why."""

from __future__ import annotations

import base64
from contextlib import closing
from typing import Annotated

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.checkpoint import NotContinued
from gateway.audit.checkpointer import let_go, require_held, sign
from gateway.audit.enter import entered
from gateway.audit.entry_table import EntryTable
from gateway.audit.held import HeldFile
from gateway.audit.signing import KeyFile
from gateway.cli.common.actor import actor
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, existing, fail, key_file, settings_of, told


def resume(
    reason: Annotated[str, typer.Option("--reason", help="Why the log is not the one that was signed; it goes on the record.")],
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Sign on although the log is no continuation of what was signed on this machine, as after a restored backup.

    The checkpoint that is given up goes to the output, for the auditor: it shows how far the log had come.
    """
    if not reason.strip():
        raise typer.BadParameter("write why", param_hint="--reason")
    settings = settings_of(state_dir, database)
    keys = key_file(settings)
    with told(), existing(settings) as record, closing(EntryTable(record)) as table:
        held = HeldFile(keys.path, record.place)
        _require_cut(table, keys)
        note = held.note() or ""
        act = new_act(Action.AUDIT_RESUME, actor=actor(), target=_named(held), note=reason.strip())
        with entered(record, act):
            let_go(table, keys)
        sign(table, keys)
    typer.echo("start gateways anew that run. Keep this for your auditor, which was signed before and is given up:", err=True)
    typer.echo(note, nl=False)


def _require_cut(table: EntryTable, keys: KeyFile) -> None:
    """Exits where there is nothing to get over."""
    try:
        require_held(table, keys)
    except NotContinued:
        return
    fail("the log continues what was signed on this machine: there is nothing to get over")


def _named(held: HeldFile) -> str:
    """How far the log had come, so that the record itself says it."""
    try:
        earlier = held.read()
    except NotContinued:
        return "a damaged checkpoint"
    return "none" if earlier is None else f"{earlier.name}, root {base64.b64encode(earlier.root).decode()}"
