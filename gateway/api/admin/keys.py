"""`/v1/keys`: issue, list, rotate and revoke."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.routing import APIRoute

from gateway.api.admin.guard import Caller, caller_of
from gateway.api.admin.key_desk import KeyDesk
from gateway.api.admin.key_shapes import IssuedKey, IssueKey, Key, KeyPage, RotateKey, shown, shown_once
from gateway.api.admin.refusals import no_such
from gateway.api.admin.shapes import Id, KeyId, KeyIdPath, PageSize, refusals
from gateway.audit.act import Action
from gateway.identity.virtual_keys import KeyRecord, KeyState

Who = Annotated[Caller, Depends(caller_of)]


def keys_router(desk: KeyDesk, route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=route_class)

    @router.post(
        "", name=Action.KEYS_ISSUE, status_code=201, responses=refusals(), summary="Issue a key; it is shown this once"
    )
    async def issue(caller: Who, wanted: IssueKey) -> IssuedKey:
        return shown_once(await desk.issue(caller, wanted), desk.clock())

    @router.get("", name=Action.KEYS_LIST, responses=refusals(), summary="Keys, newest first")
    async def list_keys(
        caller: Who,
        tenant: Annotated[Id | None, Query(description="Only this tenant's.")] = None,
        principal: Annotated[Id | None, Query(description="Only this holder's.")] = None,
        state: Annotated[KeyState | None, Query(description="Only in this state.")] = None,
        limit: PageSize = 50,
        after: Annotated[KeyId | None, Query(description="Begin behind this key: `next` of the page before.")] = None,
    ) -> KeyPage:
        if tenant is not None:
            await caller.reach(tenant, known=tenant in desk.policy().written.tenants)
        now, known = desk.clock(), _behind(await desk.visible(caller.person), after)
        found = [one for one in known if _matches(one, tenant, principal) and state in (None, one.state(now))]
        keys = tuple(shown(record, now) for record in found[:limit])
        return KeyPage(keys=keys, next=keys[-1].key_id if len(found) > limit else None)

    @router.get("/{key_id}", name=Action.KEYS_READ, responses=refusals(), summary="One key")
    async def read(caller: Who, key_id: KeyIdPath) -> Key:
        return shown(await desk.one(caller, key_id), desk.clock())

    @router.post(
        "/{key_id}/rotate",
        name=Action.KEYS_ROTATE,
        status_code=201,
        responses=refusals(409),
        summary="Put a new key, shown this once, in the place of one that still works for a while",
    )
    async def rotate(caller: Who, key_id: KeyIdPath, how: RotateKey = RotateKey()) -> IssuedKey:  # noqa: B008  frozen
        return shown_once(await desk.rotate(caller, key_id, how.overlap_s), desk.clock())

    @router.post("/{key_id}/revoke", name=Action.KEYS_REVOKE, responses=refusals(), summary="Void a key for good")
    async def revoke(caller: Who, key_id: KeyIdPath) -> Key:
        return shown(await desk.revoke(caller, key_id), desk.clock())

    return router


def _matches(record: KeyRecord, tenant: str | None, principal: str | None) -> bool:
    return tenant in (None, record.tenant) and principal in (None, record.principal)


def _behind(records: list[KeyRecord], after: str | None) -> list[KeyRecord]:
    """What follows the last page's last key. Raises NotFound for a key that its reader does not know of."""
    if after is None:
        return records
    ids = [record.key_id for record in records]
    if after not in ids:
        raise no_such("key")
    return records[ids.index(after) + 1 :]
