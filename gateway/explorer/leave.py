"""Leave to see originals, as the pages show it: asked for, answered, and for how long it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.api.admin.acts import ActLog
from gateway.assurance.break_glass import BreakGlass, act_of
from gateway.assurance.grant import Grant, State
from gateway.audit.act import Action
from gateway.errors import NotPermitted
from gateway.explorer.case import Case
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.visit import Visit, missing
from gateway.moments import written


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request for leave. Moments are ISO 8601 in UTC; `may_answer`: whether this reader may."""

    id: str
    tenant: str
    call_id: str
    reason: str = field(repr=False)
    state: State
    asked_by: str
    asked_at: str
    answered_by: str | None
    given_by: str | None
    ends_at: str | None
    may_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """How this reader stands with the originals of one exchange: `granted` lets them see, `waiting` was not answered yet."""

    granted: Request | None = None
    waiting: Request | None = None
    may_ask: bool = False
    minutes: int

    @property
    def note(self) -> str | None:
        """For the record: by which leave originals are shown."""
        return None if self.granted is None else f"by leave {self.granted.id}"


class LeaveDesk:
    """Every method raises AuditUnavailable when the database cannot be used, and ProtectionUnavailable where the key cannot be
    had under which leave is sealed.
    """

    def __init__(self, parts: ExplorerParts) -> None:
        self._grants = BreakGlass(parts.database, parts.keyring, parts.break_glass_minutes, parts.clock)
        self._minutes = parts.break_glass_minutes
        self._clock = parts.clock

    async def standing(self, visit: Visit, case: Case) -> Leave:
        digests = (case.record.content or {}) if case.record else {}
        if not visit.may(Action.BREAK_GLASS_ASK) or not any(part.startswith("original/") for part in digests):
            return Leave(minutes=self._minutes)
        granted = await asyncio.to_thread(self._grants.granted, case.call_id, visit.person)
        own = [one for one in await self._list(visit, case.call_id) if one.asked_by == visit.person.id]
        waiting = next((one for one in own if one.state is State.WAITING), None)
        return Leave(
            granted=None if granted is None else self._shown(granted, visit),
            waiting=waiting,
            may_ask=granted is None and waiting is None,
            minutes=self._minutes,
        )

    async def list(self, visit: Visit) -> Sequence[Request]:
        """Those in the reader's tenants, newest first."""
        return await self._list(visit, None)

    async def ask(self, visit: Visit, case: Case, reason: str) -> None:
        """On the record before it is done and after. Raises NotPermitted or InvalidRequest."""
        act = visit.act(Action.BREAK_GLASS_ASK, tenant=case.tenant, target=case.call_id, note=reason)
        async with ActLog(visit.log).entered(act):
            await asyncio.to_thread(self._grants.ask, visit.person, case.call_id, reason)

    async def answer(self, visit: Visit, grant_id: str, *, give: bool) -> None:
        """Raises NotFound for what is not the reader's to see, and NotPermitted for what is not theirs to answer."""
        try:
            grant = await asyncio.to_thread(self._grants.find, grant_id, visit.person)
        except NotPermitted:
            raise missing("request") from None
        action = Action.BREAK_GLASS_GIVE if give else Action.BREAK_GLASS_REFUSE
        answer = self._grants.give if give else self._grants.refuse
        async with ActLog(visit.log).entered(act_of(action, visit.person, grant)):
            await asyncio.to_thread(answer, grant.id, visit.person)

    async def _list(self, visit: Visit, call_id: str | None) -> Sequence[Request]:
        grants = await asyncio.to_thread(self._grants.list, visit.person, call_id=call_id)
        return [self._shown(grant, visit) for grant in grants]

    def _shown(self, grant: Grant, visit: Visit) -> Request:
        state = grant.state(self._clock())
        others = grant.asked_by != visit.person.id
        return Request(
            id=grant.id,
            tenant=grant.tenant,
            call_id=grant.call_id,
            reason=grant.reason,
            state=state,
            asked_by=grant.asked_by,
            asked_at=written(grant.asked_at),
            answered_by=grant.given_by or grant.refused_by,
            given_by=grant.given_by,
            ends_at=_written(grant.ends_at),
            may_answer=state is State.WAITING and others and visit.may(Action.BREAK_GLASS_GIVE),
        )


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else written(moment)
