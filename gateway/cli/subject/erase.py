"""`gateway subject erase`: what is kept about a person."""

from __future__ import annotations

import typer

from gateway.assurance.subjects import count, subject
from gateway.audit.act import Action
from gateway.cli.common.actor import actor
from gateway.cli.common.progress import Bar
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.cli.common.store import Tenant, Values, opened, told, values_given
from gateway.cli.subject.erasing import Certificate, Yes, erased_on_record, require_free, sentence, sure


def erase(
    tenant: Tenant,
    certificate: Certificate,
    values: Values = None,
    yes: Yes = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Erase what is kept about a person: their values, and the content of every exchange in which they occur."""
    given, settings = values_given(values), settings_of(state_dir, database)
    require_free(certificate)
    with told(), opened(settings) as store:
        whom = subject(store.keyring, tenant, given)
        with store.database.reading() as connection:
            number = count(connection, whom)
        sure(yes, f"erase the content of {number} {'exchange' if number == 1 else 'exchanges'} for good?")
        with Bar(number, title="Erasing") as bar:
            erased = erased_on_record(
                settings,
                store,
                certificate,
                (Action.SUBJECT_ERASE, tenant, whom.name),
                lambda eraser: eraser.erase(whom, actor(), bar.advance),
            )
    typer.echo(sentence(erased))
