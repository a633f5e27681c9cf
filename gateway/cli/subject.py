"""`gateway subject`: what is kept about a person: find it, give it out, erase it. Each is an act on the record."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.assurance.subject_export import document
from gateway.assurance.subjects import Occurrence, subject
from gateway.assurance.subjects import find as occurrences
from gateway.audit.act import Act, Action, new_act
from gateway.audit.enter import entered
from gateway.cli import subject_erase
from gateway.cli.assurance_session import Tenant, Values, opened, told, values_given
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.keys_acts import actor
from gateway.moments import written
from gateway.printable import printable

app = typer.Typer(name="subject", help="What is kept about a person: find, give out, erase.", no_args_is_help=True)
app.command(name="erase")(subject_erase.erase)
app.command(name="erase-tenant")(subject_erase.erase_tenant)
app.command(name="verify-certificate")(subject_erase.verify_certificate)


@app.command()
def find(
    tenant: Tenant,
    values: Values = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each exchange.")] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Show the exchanges in which a person occurs, as far as content of them is kept. The values are stored nowhere."""
    given = values_given(values)
    with told(), opened(settings_of(state_dir, database)) as store:
        whom = subject(store.keyring, tenant, given)
        with entered(store.database, _act(Action.SUBJECT_FIND, tenant, whom.name)), store.database.reading() as connection:
            number = 0
            for one in occurrences(connection, whom):
                typer.echo(json.dumps(_facts(one)) if as_json else printable(_line(one)))
                number += 1
    typer.echo(f"{number} {'exchange' if number == 1 else 'exchanges'}", err=True)


@app.command()
def export(
    tenant: Tenant,
    out: Annotated[Path, typer.Option("--out", help="A file that is not there yet.")],
    values: Values = None,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Write what is kept about a person, as JSON, with that person's own values in the clear and nobody else's."""
    given = values_given(values)
    with told(), opened(settings_of(state_dir, database)) as store:
        whom = subject(store.keyring, tenant, given)
        with entered(store.database, _act(Action.SUBJECT_EXPORT, tenant, whom.name)), store.database.reading() as connection:
            _write(out, document(connection, store.keyring, whom, written(datetime.now(UTC))))
    typer.echo(f"{out} is written; it holds personal data: give it to nobody but the person", err=True)


def _act(action: Action, tenant: str, whom: str) -> Act:
    return new_act(action, actor=actor(), tenant=tenant, target=whom)


def _write(out: Path, pieces: Iterable[bytes]) -> None:
    """Its owner's alone, and whole or not at all."""
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file, _whole(out):
            file.writelines(pieces)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")


@contextmanager
def _whole(out: Path) -> Iterator[None]:
    """Half an export would look like all that there is, and would lie about with personal data in it."""
    try:
        yield
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _facts(one: Occurrence) -> dict[str, Any]:
    record = one.record
    return {
        "call_id": one.call_id,
        "at": record.opened_at if record else None,
        "principal": record.principal if record else None,
        "model": record.model if record else None,
        "originals": one.has_originals,
    }


def _line(one: Occurrence) -> str:
    facts = _facts(one)
    words: Sequence[str] = [facts["at"] or "-", one.call_id, facts["principal"] or "-", facts["model"] or "-"]
    return "  ".join([*words, "originals sealed" if one.has_originals else "no originals"])
