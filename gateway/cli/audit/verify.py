"""`gateway audit verify`: whether the record is what was signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer

from gateway.assurance.agreement import require_agreement
from gateway.audit.act import Act, Action, ActOutcome, new_act
from gateway.audit.check import check_log
from gateway.audit.enter import enter_ended
from gateway.audit.held import HeldFile
from gateway.audit.verify import Checkpoint, NotVerified, VerifierKey, read_key
from gateway.cli.common.actor import actor
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, readable, settings_of, told, writable
from gateway.errors import AuditUnavailable, ProtectionUnavailable
from gateway.identity.key_store import read_keys
from gateway.identity.virtual_keys import KeyRecord
from gateway.settings import Settings
from gateway.store.database import Database


def verify(
    key: Annotated[
        str | None,
        typer.Option(
            "--key", help="The verifier key that you noted. Default: the one that signed last, on the log's own word."
        ),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Write nothing: the verification itself is not entered in the record.")
    ] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Make every leaf and root of the log anew; name the first thing that is wrong, with exit status 1.

    Beside the key lies the last checkpoint that was signed on this machine: the log has to continue it. Keys and privacy
    budgets have to be as the acts on them left them, by the log.

    That it was verified, and what came of it, is entered in the record.
    """
    settings = settings_of(state_dir, database)
    with told():
        trusted = None if key is None else read_key(key)
        act = new_act(Action.AUDIT_VERIFY, actor=actor(), target="log")
        try:
            ended = _checked(settings, trusted, act)
        except NotVerified as problem:
            _enter(settings, replace(act.ended(ActOutcome.FAILED, error_code="not_verified"), note=str(problem)), read_only)
            raise
        _enter(settings, ended, read_only)
    if key is None:
        typer.echo("the key was taken from the log itself: note it elsewhere, and give it with --key", err=True)


def _checked(settings: Settings, trusted: VerifierKey | None, act: Act) -> Act:
    """The act as it ended, where all is well."""
    with readable(settings) as record:
        found = str(check_log(record, trusted, _noted(settings, record)))
        acts = require_agreement(record, lambda: _keys(settings, record))
    typer.echo(found)
    if acts:
        typer.echo(f"what {acts} {'acts' if acts > 1 else 'act'} on keys or privacy budgets left is still so")
    return replace(act.ended(ActOutcome.DONE), result=found)


def _keys(settings: Settings, record: Database) -> Mapping[str, KeyRecord] | None:
    """None where they are not: an auditor may have the record alone."""
    try:
        return read_keys(settings.keys_path, record)
    except ProtectionUnavailable:
        typer.echo("the keys cannot be read here, and are not compared with the acts on them", err=True)
        return None


def _noted(settings: Settings, record: Database) -> tuple[Checkpoint, ...]:
    """What was signed last on this machine: read before the log, which may go on meanwhile."""
    try:
        held = HeldFile(settings.audit_key_path, record.place).read()
    except AuditUnavailable as error:
        typer.echo(f"the log is not compared with what was signed on this machine: {error.message}", err=True)
        return ()
    return () if held is None else (held,)


def _enter(settings: Settings, act: Act, read_only: bool) -> None:
    """An auditor may have no leave to write: what was found stands all the same."""
    if read_only:
        return
    try:
        with writable(settings) as record:
            enter_ended(record, act)
    except AuditUnavailable:
        typer.echo("the verification could not be entered in the record", err=True)
