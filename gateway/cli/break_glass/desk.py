"""What the commands of `gateway break-glass` work with: the person, by their key, and what is sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.assurance.break_glass import BreakGlass, act_of
from gateway.assurance.grant import Grant
from gateway.audit.act import Action
from gateway.audit.enter import entered
from gateway.cli.break_glass.person import person_with_key
from gateway.cli.common.record import settings_of
from gateway.cli.common.store import Store, opened, told
from gateway.identity.people import Person

CallId = Annotated[str, typer.Argument(metavar="CALL_ID", help="The exchange.")]
GrantId = Annotated[str, typer.Argument(metavar="ID", help="The request, as ask and list show it.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """Whoever asks, what is sealed, and who may look at it."""

    person: Person
    store: Store
    glass: BreakGlass

    def answered(self, action: Action, grant_id: str, answer: Callable[[str, Person], Grant]) -> Grant:
        """On the record, before and after."""
        grant = self.glass.find(grant_id, self.person)
        with entered(self.store.database, act_of(action, self.person, grant)):
            return answer(grant_id, self.person)


@contextmanager
def opened_desk(policy: Path, state_dir: Path, database: str | None) -> Iterator[Desk]:
    """Asks for the person's key, if it is not in the environment; ends the command where it opens nothing."""
    settings = settings_of(state_dir, database)
    with told():
        person = person_with_key(settings, policy)
        with opened(settings) as store:
            yield Desk(person, store, BreakGlass(store.database, store.keyring, settings.break_glass_minutes))


def line_of(grant: Grant) -> str:
    """A request on one line; what it holds may be anybody's text."""
    state = grant.state(datetime.now(UTC))
    until = f" until {grant.ends_at:%Y-%m-%d %H:%M} UTC" if grant.ends_at else ""
    by = grant.given_by or grant.refused_by
    answer = f"{state}{until}" + (f" by {by}" if by else "")
    words = (f"{grant.asked_at:%Y-%m-%d %H:%M}", grant.id, grant.tenant, grant.call_id, grant.asked_by, answer, grant.reason)
    return "  ".join(words)
