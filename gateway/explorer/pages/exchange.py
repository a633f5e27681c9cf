"""One exchange: what was decided, where the time went, what was sent and came back, and the proof that it was logged so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from gateway.api.admin.refusals import Conflict
from gateway.audit.act import Action
from gateway.exchange.content import Content, Hit
from gateway.explorer.archive import Archive
from gateway.explorer.bundle import proof_of_call
from gateway.explorer.case import Case
from gateway.explorer.leave import Leave, LeaveDesk
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.show.diff import Diff, diff_of
from gateway.explorer.show.levels import Sources
from gateway.explorer.show.waterfall import waterfall
from gateway.explorer.show.words import decision_in_words, restores
from gateway.explorer.visit import Visit, missing
from gateway.policy.compile import CompiledPolicy

_WHAT = "exchange"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What of the content this reader sees. `unreadable`: there is some, and it does not open."""

    diff: Diff | None = None
    passages: tuple[Hit, ...] = ()
    originals: Content | None = None
    unreadable: bool = False


class ExchangePage:
    def __init__(self, parts: ExplorerParts, archive: Archive, desk: LeaveDesk) -> None:
        self._parts = parts
        self._archive = archive
        self._desk = desk

    async def show(self, visit: Visit) -> Response:
        case = await case_of(visit, self._archive)
        leave = await self._desk.standing(visit, case)
        await _enter(visit, case, leave)
        shown, proof = await asyncio.gather(self._content(visit, case, leave), self._archive.proof(case))
        record = case.record
        return visit.page(
            "exchange",
            case=case,
            record=record,
            decision=decision_in_words(record, visit.t) if record else None,
            waterfall=waterfall(record.timings_ms, stream=record.stream) if record else None,
            shown=shown,
            sources=None if record is None else Sources(self._policy, record),
            proof=proof,
            leave=leave,
        )

    async def proof(self, visit: Visit) -> Response:
        """What the page's script checks; it says nothing that the page does not show."""
        case = await case_of(visit, self._archive)
        found = await self._archive.proof(case)
        if found is None:
            raise Conflict("Not every entry of this exchange lies under a checkpoint yet.")
        return JSONResponse(found)

    async def proof_file(self, visit: Visit) -> Response:
        """The same for whoever checks it without us, with the program that does."""
        case = await case_of(visit, self._archive)
        await visit.enter(Action.EXPLORER_EXPORT, target=case.call_id, tenant=case.tenant, note="inclusion proof")
        return await proof_of_call(self._archive.readers, self._parts.database, case.call_id)

    async def _content(self, visit: Visit, case: Case, leave: Leave) -> _Shown:
        record = case.record
        if record is None or not record.content or not visit.may(Action.EXPLORER_CONTENT):
            return _Shown()
        content = await self._archive.content(case.call_id, case.tenant, originals=leave.granted is not None)
        if content is None:
            return _Shown(unreadable=True)
        diff = None if content == Content(passages=content.passages) else diff_of(content, restores=restores(record))
        return _Shown(diff, content.passages, content if leave.granted is not None else None)

    @property
    def _policy(self) -> CompiledPolicy:
        return self._parts.policy.current


async def case_of(visit: Visit, archive: Archive) -> Case:
    """The exchange that the address names. Raises NotFound, also for another tenant's."""
    call_id = str(visit.request.path_params["call_id"])
    case = await archive.case(call_id)
    if case is None:
        raise missing(_WHAT)
    await visit.reach(case.tenant, Action.EXPLORER_VIEW, _WHAT, case.call_id)
    return case


async def _enter(visit: Visit, case: Case, leave: Leave) -> None:
    """The look is on record by what it lets one see."""
    action = Action.EXPLORER_CONTENT if visit.may(Action.EXPLORER_CONTENT) else Action.EXPLORER_VIEW
    if leave.granted is not None:
        action = Action.BREAK_GLASS_SHOW
    principal = case.record.principal if case.record else None
    await visit.enter(action, target=case.call_id, tenant=case.tenant, principal=principal, note=leave.note)
