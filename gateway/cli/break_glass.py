"""`gateway break-glass`: see originals, with the leave of a second privacy officer. Whoever runs it shows a person's key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.assurance.break_glass import BreakGlass, act_of
from gateway.assurance.grant import Grant
from gateway.audit.act import Action, new_act
from gateway.audit.enter import entered
from gateway.audit.kept import read_content
from gateway.cli.assurance_session import Store, opened, told
from gateway.cli.audit_session import STATE_DIR, DatabaseUrl, StateDir, fail, settings_of
from gateway.cli.person import DEFAULT_POLICY, PolicyFile, person_with_key
from gateway.identity.people import Person
from gateway.printable import printable

app = typer.Typer(
    name="break-glass",
    help="See originals, with the leave of a second privacy officer. Your key is asked for, or taken from GATEWAY_PERSON_KEY.",
    no_args_is_help=True,
)

CallId = Annotated[str, typer.Argument(metavar="CALL_ID", help="The exchange.")]
GrantId = Annotated[str, typer.Argument(metavar="ID", help="The request, as ask and list show it.")]


@dataclass(frozen=True, slots=True)
class _Desk:
    person: Person
    store: Store
    glass: BreakGlass

    def answered(self, action: Action, grant_id: str, answer: Callable[[str, Person], Grant]) -> Grant:
        """On the record, before and after."""
        grant = self.glass.find(grant_id, self.person)
        with entered(self.store.database, act_of(action, self.person, grant)):
            return answer(grant_id, self.person)


@app.command()
def ask(
    call_id: CallId,
    reason: Annotated[str, typer.Option(help="Why, in ten characters or more; without personal data.")],
    policy: PolicyFile = DEFAULT_POLICY,
    state_dir: StateDir = STATE_DIR,
    database: DatabaseUrl = None,
) -> None:
    """Ask to see the originals of an exchange. Another privacy officer has to agree within a day."""
    with _desk(policy, state_dir, database) as desk:
        facts = {"actor": desk.person.id, "key_id": desk.person.key_id, "tenant": desk.glass.tenant_of(call_id, desk.person)}
        with entered(desk.store.database, new_act(Action.BREAK_GLASS_ASK, target=call_id, note=reason, **facts)):
            grant = desk.glass.ask(desk.person, call_id, reason)
    typer.echo(grant.id)


@app.command()
def give(
    grant_id: GrantId, policy: PolicyFile = DEFAULT_POLICY, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None
) -> None:
    """Agree to a request of another officer, who may look from now on, and not for long."""
    with _desk(policy, state_dir, database) as desk:
        grant = desk.answered(Action.BREAK_GLASS_GIVE, grant_id, desk.glass.give)
    typer.echo(printable(_line(grant)))


@app.command()
def refuse(
    grant_id: GrantId, policy: PolicyFile = DEFAULT_POLICY, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None
) -> None:
    """Refuse a request, or take your own back."""
    with _desk(policy, state_dir, database) as desk:
        grant = desk.answered(Action.BREAK_GLASS_REFUSE, grant_id, desk.glass.refuse)
    typer.echo(printable(_line(grant)))


@app.command(name="list")
def list_grants(policy: PolicyFile = DEFAULT_POLICY, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None) -> None:
    """Show requests in your tenants, newest first."""
    with _desk(policy, state_dir, database) as desk:
        for grant in desk.glass.list(desk.person):
            typer.echo(printable(_line(grant)))


@app.command()
def show(
    call_id: CallId, policy: PolicyFile = DEFAULT_POLICY, state_dir: StateDir = STATE_DIR, database: DatabaseUrl = None
) -> None:
    """Show what stands for what in an exchange, if your request was agreed to. Each look is an act on the record."""
    with _desk(policy, state_dir, database) as desk:
        grant = desk.glass.granted(call_id, desk.person)
        if grant is None:
            fail("you have no leave to see the originals of this exchange; ask with: gateway break-glass ask")
        with entered(desk.store.database, act_of(Action.BREAK_GLASS_SHOW, desk.person, grant)):
            with desk.store.database.reading() as connection:
                content = read_content(connection, desk.store.keyring, call_id, originals=True)
            for stand_in, value in content.originals.items():
                typer.echo(_shown({stand_in: value}))
            if not content.originals:
                typer.echo("no originals are kept of this exchange: there were none, or they have been erased", err=True)


@contextmanager
def _desk(policy: Path, state_dir: Path, database: str | None) -> Iterator[_Desk]:
    settings = settings_of(state_dir, database)
    with told():
        person = person_with_key(settings, policy)
        with opened(settings) as store:
            yield _Desk(person, store, BreakGlass(store.database, settings.break_glass_minutes))


def _shown(pair: dict[str, str]) -> str:
    """JSON, in letters as they are: but what a terminal would obey is escaped, for the values are somebody else's text."""
    text = json.dumps(pair, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def _line(grant: Grant) -> str:
    state = grant.state(datetime.now(UTC))
    until = f" until {grant.ends_at:%Y-%m-%d %H:%M} UTC" if grant.ends_at else ""
    by = grant.given_by or grant.refused_by
    answer = f"{state}{until}" + (f" by {by}" if by else "")
    words = (f"{grant.asked_at:%Y-%m-%d %H:%M}", grant.id, grant.tenant, grant.call_id, grant.asked_by, answer, grant.reason)
    return "  ".join(words)
