"""What was done to the gateway, and who looked at what; and the versions of the policy, which are among it."""

from __future__ import annotations

from types import MappingProxyType

from starlette.responses import Response

from gateway.audit.act import Action, ActOutcome
from gateway.explorer.acts import KINDS, ActFilters, act_filters
from gateway.explorer.archive import Archive
from gateway.explorer.parts import ExplorerParts
from gateway.explorer.visit import Visit

_PAGE = 50


class ActPages:
    def __init__(self, parts: ExplorerParts, archive: Archive) -> None:
        self._parts = parts
        self._archive = archive

    async def list(self, visit: Visit) -> Response:
        wanted = act_filters(visit.request.query_params, visit.tenants)
        await visit.enter(Action.EXPLORER_ACTS, target=wanted.words, tenant=visit.own(wanted.given.get("tenant")))
        page = await self._archive.acts(wanted, _before(visit), _PAGE)
        return visit.page("acts", wanted=wanted, page=page, kinds=tuple(KINDS), outcomes=tuple(ActOutcome))

    async def policy(self, visit: Visit) -> Response:
        """Loads are in no tenant, and their notes may name any: whoever is bound to tenants sees what is in force, no more."""
        await visit.enter(Action.EXPLORER_POLICY)
        loads = ActFilters(tenants=visit.tenants, given=MappingProxyType({"kind": "policy"}))
        page = await self._archive.acts(loads, _before(visit), _PAGE)
        return visit.page("policy", in_force=self._parts.policy.status, page=page)


def _before(visit: Visit) -> int | None:
    word = visit.request.query_params.get("before", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 18 else None
