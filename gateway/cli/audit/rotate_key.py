"""`gateway audit rotate-key`: another key that signs the log's checkpoints."""

from __future__ import annotations

from contextlib import closing

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.checkpointer import rotate, sign, successor
from gateway.audit.enter import entered
from gateway.audit.entry_table import EntryTable
from gateway.cli.common.actor import actor
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, existing, key_file, settings_of, told

_HANDED = "the old key has handed over; auditors may keep trusting it for what it signed, and note the new one:"
_LOST = (
    "the key that signed the log until now was lost, so nothing leads from it to the new one; tell auditors that it is yours:"
)


def rotate_key(state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """Make a new signing key and print its verifier key. The old key signs the new one's first checkpoint as well,
    unless it was lost: that is said, and on the record.
    """
    settings = settings_of(state_dir, database)
    keys = key_file(settings)
    with told(), existing(settings) as record, closing(EntryTable(record)) as table:
        old, (fresh, led) = keys.load().current, successor(table, keys)
        note = None if led else "the key that signed the last checkpoint was lost"
        act = new_act(Action.AUDIT_ROTATE_KEY, actor=actor(), target=str(old.public), result=str(fresh.public), note=note)
        with entered(record, act):
            rotate(table, keys, fresh)
        sign(table, keys)  # its first checkpoint
        sign(table, keys)  # which ends the old key's part: it is forgotten
    typer.echo(_HANDED if led else _LOST, err=True)
    typer.echo(str(fresh.public))
