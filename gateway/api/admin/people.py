"""`/v1/acts`: what was done to the gateway, and what was tried; `/v1/whoami`: who asks."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.routing import APIRoute
from pydantic import Field

from gateway.api.admin.access import allowed_to
from gateway.api.admin.guard import Caller, caller_of
from gateway.api.admin.shapes import PageSize, Shape, refusals
from gateway.audit.act import Action, ActOutcome
from gateway.audit.act_reader import ActRow, read_acts
from gateway.errors import AuditUnavailable
from gateway.rules.identity import Role
from gateway.store.database import Database

Who = Annotated[Caller, Depends(caller_of)]
_LAST = 2**63 - 1


class Whoami(Shape):
    """The person, and what they may do here."""

    id: str = Field(examples=["alice@example.com"])
    roles: tuple[Role, ...]
    tenants: tuple[str, ...] | None = Field(description="None: all of them.")
    key_id: str | None = Field(description="Of the key that was used; None where it was a token.")
    may: tuple[Action, ...]


class ActShown(Shape):
    """One act. An intended one has not ended, or the gateway stopped while it was done."""

    seq: int = Field(description="Its place in the log.")
    act_id: str
    at: str = Field(description="When it began; ISO 8601, UTC.")
    ended_at: str | None
    action: Action
    outcome: ActOutcome
    actor: str | None = Field(description="A person, cli: and a user, or system: and a part. None: nobody who said who.")
    key_id: str | None = Field(description="The key that was used.")
    tenant: str | None
    principal: str | None
    target: str | None = Field(description="What was acted upon: a key, a scope of limits, a version of the policy.")
    result: str | None = Field(description="What came of it: the new key, the new version.")
    note: str | None
    error_code: str | None


class ActPage(Shape):
    """Some acts, newest first. A person bound to tenants sees the acts in these, and none that is in no tenant."""

    acts: tuple[ActShown, ...]
    next: int | None = Field(description="Give it as `before` for the next page; None on the last.")


def acts_router(database: Database, route_class: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/v1", route_class=route_class)

    @router.get("/whoami", name=Action.WHOAMI, tags=["people"], responses=refusals(), summary="Who you are here")
    async def whoami(caller: Who) -> Whoami:
        person = caller.person
        return Whoami(
            id=person.id,
            roles=tuple(sorted(person.roles)),
            tenants=None if person.tenants is None else tuple(sorted(person.tenants)),
            key_id=person.key_id,
            may=allowed_to(person.roles),
        )

    @router.get("/acts", name=Action.ACTS_READ, tags=["acts"], responses=refusals(), summary="Acts on record, newest first")
    async def acts(
        caller: Who,
        limit: PageSize = 50,
        before: Annotated[int | None, Query(ge=1, le=_LAST, description="`next` of the page before.")] = None,
    ) -> ActPage:
        try:
            rows = await asyncio.to_thread(read_acts, database, limit=limit + 1, before=before, tenants=caller.person.tenants)
        except ValueError:  # an entry of another version
            raise AuditUnavailable("The audit log cannot be read.") from None
        return ActPage(acts=tuple(map(_shown, rows[:limit])), next=rows[limit - 1].seq if len(rows) > limit else None)

    return router


def _shown(row: ActRow) -> ActShown:
    act = row.act
    return ActShown(
        seq=row.seq,
        act_id=act.act_id,
        at=act.at,
        ended_at=row.ended_at,
        action=act.action,
        outcome=act.outcome,
        actor=act.actor,
        key_id=act.key_id,
        tenant=act.tenant,
        principal=act.principal,
        target=act.target,
        result=act.result,
        note=act.note,
        error_code=act.error_code,
    )
