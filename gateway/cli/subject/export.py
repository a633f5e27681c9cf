"""`gateway subject export`: what is kept about a person, for that person."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.assurance.subject_export import document
from gateway.assurance.subjects import subject
from gateway.audit.act import Action
from gateway.audit.enter import entered
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.common.store import Tenant, Values, opened, told, values_given
from gateway.cli.subject.acts import act_of
from gateway.moments import written


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
        with entered(store.database, act_of(Action.SUBJECT_EXPORT, tenant, whom.name)), store.database.reading() as connection:
            _write(out, document(connection, store.keyring, whom, written(datetime.now(UTC))))
    typer.echo(f"{out} is written; it holds personal data: give it to nobody but the person", err=True)


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
