"""`/v1/limits`: how limits stand, and a new start for one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from gateway.api.admin.guard import Caller, caller_of
from gateway.api.admin.limit_shapes import LimitStates, ResetLimit, limit_state
from gateway.api.admin.places import standing_at
from gateway.api.admin.refusals import no_such
from gateway.api.admin.shapes import PrincipalQuery, TeamQuery, TenantQuery, refusals
from gateway.audit.act import Action
from gateway.identity.people import Person
from gateway.limits.limiter import Limiter
from gateway.obligations import Limit
from gateway.policy.compile import CompiledPolicy
from gateway.policy.standing import Standing

Who = Annotated[Caller, Depends(caller_of)]


def limits_router(policy: Callable[[], CompiledPolicy], limiter: Limiter, route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/v1/limits", tags=["limits"], route_class=route_class)

    async def states(caller: Caller, tenant: str, principal: str | None, team: str | None) -> LimitStates:
        standing = await standing_at(caller, policy(), tenant, principal, team)
        found = await limiter.state(_visible(caller.person, _limits(standing)))
        return LimitStates(tenant=tenant, principal=principal, limits=tuple(map(limit_state, found)))

    @router.get("", name=Action.LIMITS_READ, responses=refusals(), summary="How limits stand, of a tenant or a principal")
    async def read(caller: Who, tenant: TenantQuery, principal: PrincipalQuery = None, team: TeamQuery = None) -> LimitStates:
        return await states(caller, tenant, principal, team)

    @router.post(
        "/reset",
        name=Action.LIMITS_RESET,
        responses=refusals(),
        summary="Forget what was used of a limit",
    )
    async def reset(caller: Who, wanted: ResetLimit) -> LimitStates:
        every = _limits(await standing_at(caller, policy(), wanted.tenant, wanted.principal, wanted.team))
        asked = [one for one in every if one.scope == wanted.scope and wanted.kind in (None, one.kind)]
        if not asked:
            raise no_such("limit")
        if _visible(caller.person, asked) != asked:
            raise await caller.denied(no_such("limit"), tenant=wanted.tenant, target=wanted.scope)
        kinds = ", ".join(one.kind for one in asked)
        act = caller.act(tenant=wanted.tenant, principal=wanted.principal, target=wanted.scope, note=kinds)
        async with caller.acts.entered(act):
            for limit in asked:
                await limiter.reset(limit)
        return await states(caller, wanted.tenant, wanted.principal, wanted.team)

    return router


def _limits(standing: Standing) -> list[Limit]:
    """All that hold: of every level, then of every model that may be used."""
    return [*standing.terms.limits, *(limit for grant in standing.grants.values() for limit in grant.limits)]


def _visible(person: Person, limits: Sequence[Limit]) -> list[Limit]:
    """What several tenants use together says something of the others, and is not one tenant's to reset."""
    return [limit for limit in limits if person.tenants is None or limit.scope.startswith("tenants.")]
