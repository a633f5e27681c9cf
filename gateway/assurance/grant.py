"""Break-glass: who may see the originals of an exchange, and for how long. Pure.

One privacy officer asks and says why, another one agrees or refuses; only the one who asked sees, and not for long. Nobody
agrees to what they asked for. A request that nobody answered in a day is void: whoever still needs it says again why.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.errors import InvalidRequest, NotPermitted
from gateway.identity.people import Person
from gateway.rules.identity import Role

SHORTEST_REASON = 10
LONGEST_REASON = 500
LAPSES_AFTER = timedelta(hours=24)


class State(StrEnum):
    """How a request stands."""

    WAITING = "waiting"
    GIVEN = "given"
    REFUSED = "refused"
    ENDED = "ended"  # was given, and its time is over
    LAPSED = "lapsed"  # nobody answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One request and what became of it. People are named by their ids; moments carry a time zone."""

    id: str
    tenant: str
    call_id: str
    reason: str = field(repr=False)
    asked_by: str
    asked_at: datetime
    given_by: str | None = None
    given_at: datetime | None = None
    ends_at: datetime | None = None
    refused_by: str | None = None

    def state(self, now: datetime) -> State:
        if self.refused_by is not None:
            return State.REFUSED
        if self.ends_at is not None:
            return State.GIVEN if now < self.ends_at else State.ENDED
        return State.WAITING if now < self.asked_at + LAPSES_AFTER else State.LAPSED

    def opens_for(self, officer: Person, now: datetime) -> bool:
        """Whether this officer may see the originals now: policy may have taken the role, or the tenant, away since."""
        return officer.id == self.asked_by and _is_officer(officer, self.tenant) and self.state(now) is State.GIVEN


def ask(officer: Person, tenant: str, call_id: str, reason: str, now: datetime) -> Grant:
    """Raises NotPermitted, and InvalidRequest for a reason that is too short or too long."""
    _require_officer(officer, tenant)
    said = " ".join(reason.split())
    if not SHORTEST_REASON <= len(said) <= LONGEST_REASON:
        message = f"Give a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters, without personal data."
        raise InvalidRequest(message, param="reason")
    grant_id = f"bg_{secrets.token_hex(8)}"
    return Grant(id=grant_id, tenant=tenant, call_id=call_id, reason=said, asked_by=officer.id, asked_at=now)


def give(grant: Grant, officer: Person, now: datetime, minutes: int) -> Grant:
    """From now on, for so many minutes. Raises NotPermitted."""
    _require_officer(officer, grant.tenant)
    if officer.id == grant.asked_by:
        raise NotPermitted("Another privacy officer has to agree: nobody agrees to their own request.")
    _require_waiting(grant, now)
    return replace(grant, given_by=officer.id, given_at=now, ends_at=now + timedelta(minutes=minutes))


def refuse(grant: Grant, officer: Person, now: datetime) -> Grant:
    """Whoever asked may take it back in this way. Raises NotPermitted."""
    _require_officer(officer, grant.tenant)
    _require_waiting(grant, now)
    return replace(grant, refused_by=officer.id)


def not_yours() -> NotPermitted:
    """One text for what is not there and for what is another tenant's: else a guess at an id would be answered."""
    return NotPermitted("There is no such thing, or it is not yours to see.")


def _require_officer(officer: Person, tenant: str) -> None:
    if not _is_officer(officer, tenant):
        raise not_yours()


def _is_officer(officer: Person, tenant: str) -> bool:
    return Role.PRIVACY_OFFICER in officer.roles and officer.may_see(tenant)


def _require_waiting(grant: Grant, now: datetime) -> None:
    state = grant.state(now)
    if state is not State.WAITING:
        raise NotPermitted(f"This request does not wait for an answer any more: it is {state}.")
