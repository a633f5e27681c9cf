"""`/v1/vector_stores`: make, list, change and delete. A store is a collection of the tenant's documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection

from gateway.api.knowledge.caller import Caller
from gateway.api.knowledge.in_view import require_allowed
from gateway.api.knowledge.parts import KnowledgeParts
from gateway.api.knowledge.shapes import ChangeStore, MakeStore, said
from gateway.api.knowledge.views import Cursor, deleted, page, store_object
from gateway.audit.act import Action
from gateway.errors import InvalidRequest, NotPermitted
from gateway.keys.data_key import TenantKey
from gateway.knowledge.shelves import is_label
from gateway.knowledge.uploads.files import find_file
from gateway.knowledge.uploads.shapes import LABELS, Named, Store
from gateway.knowledge.uploads.store_files import place_file
from gateway.knowledge.uploads.stores import NewStore, add_store, change_store, drop_store, find_store, stores
from gateway.knowledge.uploads.words import note, words_of


def stores_router(parts: KnowledgeParts) -> APIRouter:
    router = APIRouter(prefix="/v1/vector_stores", tags=["vector stores"], dependencies=[Depends(parts.door.counted)])
    door, keeping = parts.door, parts.keeping

    async def shown(caller: Caller, store: str) -> dict[str, Any]:
        return store_object(await store_of(parts, caller, store), keeping.now)

    @router.post("", summary="Make a vector store")
    async def make(request: Request) -> dict[str, Any]:
        caller = await door.writer(request, Action.KNOWLEDGE_ADD)
        asked = await said(caller.client, MakeStore)
        return await shown(caller, await _made(parts, caller, asked))

    @router.get("", summary="The vector stores that you may see")
    async def list_stores(request: Request) -> dict[str, Any]:
        caller = await door.caller(request)
        every = [store for store in await keeping.read(caller.tenant, stores) if caller.sees(store)]
        return page(
            every, Cursor.of(request.query_params), lambda store: store.id, lambda store: store_object(store, keeping.now)
        )

    @router.get("/{store}", summary="A vector store")
    async def get_store(request: Request, store: str) -> dict[str, Any]:
        return await shown(await door.caller(request), store)

    @router.post("/{store}", summary="Change what is said of a vector store")
    async def change(request: Request, store: str) -> dict[str, Any]:
        caller = await door.writer(request, Action.KNOWLEDGE_ADD)
        before, asked = await store_of(parts, caller, store), await said(caller.client, ChangeStore)
        await _described(parts, caller, before, *_changed(before, asked, keeping.now))
        return await shown(caller, store)

    @router.delete("/{store}", summary="Delete a vector store with what is in it; the files stay")
    async def delete_store(request: Request, store: str) -> dict[str, Any]:
        caller = await door.writer(request, Action.KNOWLEDGE_REMOVE)
        await store_of(parts, caller, store)
        async with parts.acts.entered(caller.act(Action.KNOWLEDGE_REMOVE, store)):
            await keeping.write(
                caller.tenant,
                lambda connection, owner: drop_store(connection, owner.tenant, store, keeping.now),
            )
        return deleted("vector_store.deleted", store)

    return router


async def mentioned(parts: KnowledgeParts, caller: Caller, texts: Sequence[str]) -> frozenset[bytes]:
    """The tags of those who are named in what is said of stores and files. Raises ProtectionUnavailable, and PolicyDenied."""
    said = [text for text in texts if text]
    await require_allowed(parts, caller, said, Action.KNOWLEDGE_ADD)
    return await parts.protection().mentioned(caller.tenant, said, parts.rules_of(caller.tenant)) if said else frozenset()


async def store_of(parts: KnowledgeParts, caller: Caller, store: str) -> Store:
    """Raises NotFound."""
    return caller.store(await parts.keeping.read(caller.tenant, lambda connection, owner: find_store(connection, owner, store)))


async def require_files(parts: KnowledgeParts, caller: Caller, wanted: list[str]) -> None:
    """Raises NotFound for a file that is not the caller's."""
    now = parts.keeping.now
    for file in wanted:
        caller.file(
            await parts.keeping.read(
                caller.tenant,
                lambda connection, owner, file=file: find_file(connection, owner, file, now),  # type: ignore[misc]
            )
        )


async def _made(parts: KnowledgeParts, caller: Caller, asked: MakeStore) -> str:
    """Its id."""
    new, keeping = _new(caller, asked), parts.keeping
    await require_files(parts, caller, asked.file_ids)
    tags = await mentioned(parts, caller, words_of(new.named))

    def add(connection: Connection, owner: TenantKey) -> str:
        store = add_store(connection, owner, new, keeping.now)
        note(connection, owner.tenant, store, tags)
        place_file(connection, owner, store, {file: {} for file in asked.file_ids}, None, keeping.now)
        return store

    async with parts.acts.entered(caller.act(Action.KNOWLEDGE_ADD)) as came:
        came.result = made = await keeping.write(caller.tenant, add)
    parts.nudge()
    return made


async def _described(parts: KnowledgeParts, caller: Caller, store: Store, named: Named, days: int | None) -> None:
    tags = await mentioned(parts, caller, words_of(named))

    def put(connection: Connection, owner: TenantKey) -> None:
        change_store(connection, owner, store.id, named, days, parts.keeping.now)
        note(connection, owner.tenant, store.id, tags)

    async with parts.acts.entered(caller.act(Action.KNOWLEDGE_ADD, store.id)):
        await parts.keeping.write(caller.tenant, put)


def _new(caller: Caller, asked: MakeStore) -> NewStore:
    metadata = asked.metadata or {}
    named = Named(name=asked.name or "", description=asked.description or "", metadata=metadata)
    days = None if asked.expires_after is None else asked.expires_after.days
    return NewStore(owner=caller.who.id, labels=_labels(caller, metadata), named=named, days=days)


def _labels(caller: Caller, metadata: Mapping[str, str]) -> frozenset[str]:
    """Nobody shuts themselves, or a label that they do not have, in."""
    labels = frozenset(label.strip() for label in metadata.get(LABELS, "").split(",") if label.strip())
    if not all(map(is_label, labels)):
        raise InvalidRequest("labels are words with commas between them.", param="metadata")
    if not labels <= caller.rights:
        raise NotPermitted("You do not have all of these labels.", param="metadata")
    return labels


def _changed(before: Store, asked: ChangeStore, now: datetime) -> tuple[Named, int | None]:
    """What is sent as null is taken away, what is not sent stays, as far as it is still there."""
    sent, named, days = asked.model_fields_set, before.said(now), before.days
    if "name" in sent:
        named = replace(named, name=asked.name or "")
    if "metadata" in sent:
        metadata = asked.metadata or {}
        if metadata.get(LABELS) != named.metadata.get(LABELS):
            raise InvalidRequest("The labels of a vector store stay: make another one.", param="metadata")
        named = replace(named, metadata=metadata)
    if "expires_after" in sent:
        days = None if asked.expires_after is None else asked.expires_after.days
    return named, days
