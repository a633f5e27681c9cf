"""`gateway subject find`: the exchanges in which a person occurs, and the items of answers that mention them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from gateway.assurance.subjects import Occurrence, subject
from gateway.assurance.subjects import find as occurrences
from gateway.audit.act import Action
from gateway.audit.enter import entered
from gateway.cli.common.record import STATE_DIR, DatabaseUrl, StateDir, settings_of
from gateway.cli.common.store import Tenant, Values, opened, told, values_given
from gateway.cli.subject.acts import act_of
from gateway.moments import written
from gateway.printable import printable
from gateway.vault.mentioned import MentioningItem, mentioning


def find(
    tenant: Tenant,
    values: Values = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each exchange, and for each item.")] = False,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Show the exchanges in which a person occurs, as far as content of them is kept, and the items of answers that mention
    the person and are kept for their callers. The values are stored nowhere.
    """
    given = values_given(values)
    with told(), opened(settings_of(state_dir, database)) as store:
        whom = subject(store.keyring, tenant, given)
        with entered(store.database, act_of(Action.SUBJECT_FIND, tenant, whom.name)), store.database.reading() as connection:
            exchanges = items = 0
            for exchange in occurrences(connection, whom):
                typer.echo(json.dumps(_facts(exchange)) if as_json else printable(_line(exchange)))
                exchanges += 1
            for item in mentioning(connection, tenant, whom.tags, written(datetime.now(UTC))):
                typer.echo(json.dumps(_facts_of_item(item)) if as_json else printable(_line_of_item(item)))
                items += 1
    typer.echo(f"{_number(exchanges, 'exchange')}, {_number(items, 'item')} of answers", err=True)


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _facts(one: Occurrence) -> dict[str, Any]:
    record = one.record
    return {
        "kind": "exchange",
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


def _facts_of_item(one: MentioningItem) -> dict[str, Any]:
    return {
        "kind": "item",
        "tenant": one.tenant,
        "kept_at": one.kept_at,
        "kept_until": one.kept_until,
        "closed": one.closed,
    }


def _line_of_item(one: MentioningItem) -> str:
    words: Sequence[str] = [one.kept_at or "-", "item of an answer", one.tenant, f"kept until {one.kept_until}"]
    return "  ".join([*words, *([f"closed: {one.closed}"] if one.closed else [])])
