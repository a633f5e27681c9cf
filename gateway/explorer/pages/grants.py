"""Break-glass: asking for leave to see originals, and answering."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from gateway.audit.act import Action
from gateway.errors import MalformedBody
from gateway.explorer.archive import Archive
from gateway.explorer.leave import LeaveDesk
from gateway.explorer.pages.exchange import case_of
from gateway.explorer.visit import Visit, to


class GrantPages:
    def __init__(self, archive: Archive, desk: LeaveDesk) -> None:
        self._archive = archive
        self._desk = desk

    async def list(self, visit: Visit) -> Response:
        await visit.enter(Action.BREAK_GLASS_LIST)
        return visit.page("grants", grants=await self._desk.list(visit))

    async def ask(self, visit: Visit, fields: Mapping[str, str]) -> Response:
        case = await case_of(visit, self._archive)
        await self._desk.ask(visit, case, fields.get("reason", ""))
        return to(f"/exchanges/{case.call_id}")

    async def answer(self, visit: Visit, fields: Mapping[str, str]) -> Response:
        if fields.get("answer") not in ("give", "refuse"):
            raise MalformedBody("The answer is to give or to refuse.")
        await self._desk.answer(visit, fields.get("grant", ""), give=fields["answer"] == "give")
        return to("/grants")
