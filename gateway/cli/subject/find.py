"""`gateway subject find`: the exchanges in which a person occurs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gateway.assurance.subjects import Occurrence, subject
from gateway.assurance.subjects import find as occurrences
from gateway.audit.act import Action
from gateway.audit.enter import entered
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.cli.common.store import Tenant, Values, opened, told, values_given
from gateway.cli.subject.acts import act_of
from gateway.printable import printable


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
        with entered(store.database, act_of(Action.SUBJECT_FIND, tenant, whom.name)), store.database.reading() as connection:
            number = 0
            for one in occurrences(connection, whom):
                typer.echo(json.dumps(_facts(one)) if as_json else printable(_line(one)))
                number += 1
    typer.echo(f"{number} {'exchange' if number == 1 else 'exchanges'}", err=True)


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
