"""`/v1/policy/effective` and `/v1/policy/explain`: what the policy in force comes to for a caller."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from gateway.api.admin.guard import Caller, caller_of
from gateway.api.admin.places import standing_at
from gateway.api.admin.policy_shapes import EffectivePolicy, Explanation, Question
from gateway.api.admin.policy_views import effective, explained
from gateway.api.admin.shapes import PrincipalPath, TeamQuery, TenantPath, refusals
from gateway.audit.act import Action
from gateway.policy.source import PolicySource

Who = Annotated[Caller, Depends(caller_of)]


def effects_router(source: PolicySource, route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/v1/policy", tags=["policy"], route_class=route_class)

    async def view(caller: Caller, tenant: str, principal: str | None, team: str | None) -> EffectivePolicy:
        policy = source.current
        return effective(policy.version, await standing_at(caller, policy, tenant, principal, team), tenant, principal)

    @router.get(
        "/effective/{tenant}",
        name=Action.POLICY_EFFECTIVE,
        responses=refusals(),
        summary="What holds for a tenant when all levels have spoken",
    )
    async def of_tenant(caller: Who, tenant: TenantPath) -> EffectivePolicy:
        return await view(caller, tenant, None, None)

    @router.get(
        "/effective/{tenant}/{principal}",
        name=Action.POLICY_EFFECTIVE,
        operation_id="policy.effective.principal",
        responses=refusals(),
        summary="What holds for a principal when all levels have spoken",
    )
    async def of_principal(
        caller: Who, tenant: TenantPath, principal: PrincipalPath, team: TeamQuery = None
    ) -> EffectivePolicy:
        return await view(caller, tenant, principal, team)

    @router.post(
        "/explain", name=Action.POLICY_EXPLAIN, responses=refusals(), summary="What policy would say to a request, and why"
    )
    async def explain(caller: Who, question: Question) -> Explanation:
        policy = source.current
        await caller.reach(question.tenant, known=question.tenant in policy.written.tenants)
        return explained(policy, question)

    return router
