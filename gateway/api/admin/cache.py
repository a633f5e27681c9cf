"""`/v1/cache/clear`: the cached answers of a tenant are forgotten."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from pydantic import Field

from gateway.api.admin.guard import Caller, caller_of
from gateway.api.admin.refusals import no_such
from gateway.api.admin.shapes import Id, Shape, Text, refusals
from gateway.audit.act import Action
from gateway.policy.compile import CompiledPolicy

Who = Annotated[Caller, Depends(caller_of)]
Clear = Callable[[str, str | None], Awaitable[int]]
"""Forgets the answers of a tenant, or those of one of its models, and says how many there were."""


class ClearCache(Shape):
    """Whose answers are to be forgotten."""

    tenant: Id = Field(examples=["bank"])
    model: Text | None = Field(
        default=None, min_length=1, max_length=200, description="Default: all of the tenant's models.", examples=["assistant"]
    )


class ClearedCache(Shape):
    """What was forgotten."""

    tenant: str
    model: str | None
    answers: int = Field(description="How many there were, where they are kept: in this process, or on Redis.")


def cache_router(policy: Callable[[], CompiledPolicy], clear: Clear, route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/v1/cache", tags=["cache"], route_class=route_class)

    @router.post("/clear", name=Action.CACHE_CLEAR, responses=refusals(), summary="Forget a tenant's cached answers")
    async def cleared(caller: Who, wanted: ClearCache) -> ClearedCache:
        written = policy().written
        await caller.reach(wanted.tenant, known=wanted.tenant in written.tenants)
        if wanted.model is not None and wanted.model not in written.models:
            raise no_such("model")
        async with caller.acts.entered(caller.act(tenant=wanted.tenant, target=wanted.model)):
            answers = await clear(wanted.tenant, wanted.model)
        return ClearedCache(tenant=wanted.tenant, model=wanted.model, answers=answers)

    return router
