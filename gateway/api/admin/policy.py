"""`/v1/policy`: what is in force, the file read again, and what a new text would be worth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from gateway.api.admin.guard import Caller, caller_of
from gateway.api.admin.policy_check import PolicyChecker
from gateway.api.admin.policy_shapes import PolicyCheck, PolicyState, PolicyText
from gateway.api.admin.policy_views import state
from gateway.api.admin.refusals import Conflict
from gateway.api.admin.shapes import refusals
from gateway.audit.act import Action
from gateway.errors import ProtectionUnavailable
from gateway.policy.source import PolicySource

_PATIENCE_S = 10.0
_RETRY_S = 10
Who = Annotated[Caller, Depends(caller_of)]


def policy_router(source: PolicySource, check: PolicyChecker, route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/v1/policy", tags=["policy"], route_class=route_class)
    # One at a time each: requests share the processor, and the threads, with them.
    checking, reloading = asyncio.Lock(), asyncio.Lock()

    def told(caller: Caller) -> PolicyState:
        return state(source.status, whole=caller.person.tenants is None)

    @router.get("", name=Action.POLICY_STATUS, responses=refusals(), summary="Which policy is in force, and since when")
    async def status(caller: Who) -> PolicyState:
        return told(caller)

    @router.post(
        "/reload",
        name=Action.POLICY_RELOAD,
        responses=refusals(409),
        summary="Read the policy file, and the backends' keys, again",
    )
    async def reload(caller: Who) -> PolicyState:
        async with caller.acts.entered(caller.act(target=source.status.version)) as came:
            async with reloading:
                loaded = await asyncio.to_thread(source.reload)
            if not loaded:
                raise Conflict("The policy file was refused; the policy that was in force stays. Its state says why.")
            came.result = source.status.version
        return told(caller)

    @router.post("/check", name=Action.POLICY_CHECK, responses=refusals(), summary="What is wrong with a policy")
    async def check_text(caller: Who, wanted: PolicyText) -> PolicyCheck:  # noqa: ARG001  the guard has looked at the caller
        async with _turn(checking):
            return await asyncio.to_thread(check, wanted.text)

    return router


@asynccontextmanager
async def _turn(lock: asyncio.Lock) -> AsyncIterator[None]:
    """Raises ProtectionUnavailable for whoever has waited too long: a slow text must not collect others behind it."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await lock.acquire()
    except TimeoutError:
        raise ProtectionUnavailable("Another policy is being checked.", retry_after=_RETRY_S) from None
    try:
        yield
    finally:
        lock.release()
