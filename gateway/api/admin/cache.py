"""`/v1/cache/clear`: the cached answers of a tenant are forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from pydantic import Field

from gateway.api.admin.guard import Caller, caller_of
from gateway.api.admin.refusals import no_such
from gateway.api.admin.shapes import Id, Shape, Text, refusals
from gateway.assurance.clearings import OF_MODEL, OF_VERSION, Clear
from gateway.audit.act import Action
from gateway.errors import InvalidRequest
from gateway.policy.compile import CompiledPolicy

Who = Annotated[Caller, Depends(caller_of)]


class ClearCache(Shape):
    """Whose answers are to be forgotten."""

    tenant: Id = Field(examples=["bank"])
    model: Text | None = Field(
        default=None, min_length=1, max_length=200, description="Default: all of the tenant's models.", examples=["assistant"]
    )
    policy: Text | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Only answers given under this version of the policy; never beside a model. Default: all versions.",
    )


class ClearedCache(Shape):
    """What was forgotten."""

    tenant: str
    model: str | None
    policy: str | None
    answers: int = Field(description="How many there were, where they are kept: in this process, or on Redis.")


def cache_router(policy: Callable[[], CompiledPolicy], clear: Clear, route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/v1/cache", tags=["cache"], route_class=route_class)

    @router.post("/clear", name=Action.CACHE_CLEAR, responses=refusals(), summary="Forget a tenant's cached answers")
    async def cleared(caller: Who, wanted: ClearCache) -> ClearedCache:
        in_force = policy()
        written = in_force.written
        await caller.reach(wanted.tenant, known=wanted.tenant in written.tenants)
        if wanted.model is not None and wanted.model not in written.models:
            raise no_such("model")
        if wanted.model is not None and wanted.policy is not None:
            raise InvalidRequest("Name a model or a version of the policy, not both.", param="policy")
        note = OF_MODEL if wanted.model is not None else OF_VERSION if wanted.policy is not None else None
        model = None if wanted.model is None else in_force.model_of(wanted.model)  # answers are kept under the model's own name
        act = caller.act(tenant=wanted.tenant, target=model or wanted.policy, note=note)
        async with caller.acts.entered(act):
            answers = await clear(wanted.tenant, model, wanted.policy)
        return ClearedCache(tenant=wanted.tenant, model=model, policy=wanted.policy, answers=answers)

    return router
