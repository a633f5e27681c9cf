"""`gateway audit export`: what an auditor takes home."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from gateway.audit.act import Action, new_act
from gateway.audit.checkpointer import sign
from gateway.audit.enter import entered
from gateway.audit.entry_table import EntryTable
from gateway.audit.export import export_call, export_log
from gateway.audit.verify import Checkpoint, NotVerified, read_checkpoint
from gateway.cli.common.actor import actor
from gateway.cli.common.moment import window
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, key_file, readable, settings_of, told, writable
from gateway.errors import AuditUnavailable
from gateway.settings import Settings
from gateway.store.database import Database


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT.zip", help="A file that is not there yet.")],
    call: Annotated[str | None, typer.Option("--call", help="Only this call's entries, each with a proof.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only entries from then on, with every leaf: 30m, 12h, 7d, or a date.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only entries before then, in the same words.")] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="With --call: a checkpoint that the auditor noted, as a file.")
    ] = None,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Write entries, tree, checkpoints, keys and the program that verifies them offline. The export itself is on record."""
    if call is not None and (since or until):
        raise typer.BadParameter("give --call or --since and --until")
    settings = settings_of(state_dir, database)
    start, end = window(since, until)
    with told():
        noted = [_noted(path) for path in checkpoint or ()]
        with readable(settings):
            act = new_act(Action.AUDIT_EXPORT, actor=actor(), target=call or _span(start, end) or "log")
        with writable(settings) as record, entered(record, act):
            _sign(record, settings)
            count = _written(record, out, call, (start, end), noted)
    held = f"{out} holds {count} {'entry' if count == 1 else 'entries'}"
    typer.echo(f"{held}; verify it with verify.py, which is in it too: python verify.py {out} VKEY")


def _span(start: str | None, end: str | None) -> str | None:
    """For the record: from when, and before when."""
    return start if end is None else f"{start or ''}..{end}"


def _written(
    record: Database, out: Path, call: str | None, within: tuple[str | None, str | None], noted: Sequence[Checkpoint]
) -> int:
    try:
        if call is not None:
            return export_call(record, out, call, noted)
        return export_log(record, out, *within)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")


def _sign(record: Database, settings: Settings) -> None:
    """So that the latest entries are proved as well. Without a key there is none to be made here: it is the gateway's."""
    if not settings.audit_key_path.exists():
        return
    try:
        with closing(EntryTable(record)) as table:
            sign(table, key_file(settings))
    except AuditUnavailable as error:
        typer.echo(f"the latest entries are exported unsigned: {error.message}", err=True)


def _noted(path: Path) -> Checkpoint:
    try:
        return read_checkpoint(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError):
        raise NotVerified(f"{path} cannot be read") from None
