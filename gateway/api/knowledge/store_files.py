"""`/v1/vector_stores/{store}/files` and `.../file_batches`: what is in a store, and what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection

from gateway.api.admin.refusals import no_such
from gateway.api.knowledge.caller import Caller
from gateway.api.knowledge.parts import KnowledgeParts
from gateway.api.knowledge.shapes import AddBatch, AddFile, DescribeFile, said
from gateway.api.knowledge.stores import mentioned, require_files, store_of
from gateway.api.knowledge.views import Cursor, batch_object, deleted, page, store_file_object
from gateway.audit.act import Action
from gateway.errors import InvalidRequest
from gateway.keys.data_key import TenantKey
from gateway.knowledge.uploads.shapes import Attributes, Status, StoreFile
from gateway.knowledge.uploads.store_files import cancel_batch, describe_file, place_file, store_files, take_out
from gateway.knowledge.uploads.words import note, words_in


class StoreFiles:
    """What the routes do, each for a caller who was let in."""

    def __init__(self, parts: KnowledgeParts) -> None:
        self._parts = parts

    async def all(self, caller: Caller, store: str) -> Sequence[StoreFile]:
        """Raises NotFound."""
        await store_of(self._parts, caller, store)
        return await self._parts.keeping.read(caller.tenant, lambda connection, owner: store_files(connection, owner, store))

    async def one(self, caller: Caller, store: str, file: str) -> StoreFile:
        """Raises NotFound."""
        for each in await self.all(caller, store):
            if each.file == file:
                return each
        raise no_such("file in this vector store")

    async def batch(self, caller: Caller, store: str, batch: str) -> Sequence[StoreFile]:
        return [file for file in await self.all(caller, store) if file.batch == batch]

    async def add(self, caller: Caller, store: str, wanted: Mapping[str, Attributes], batch: str | None = None) -> None:
        parts = self._parts
        await store_of(parts, caller, store)
        await require_files(parts, caller, list(wanted))
        tags = {file: await mentioned(parts, caller, words_in(attributes)) for file, attributes in wanted.items() if attributes}

        def place(connection: Connection, owner: TenantKey) -> None:
            place_file(connection, owner, store, wanted, batch, parts.keeping.now)
            for file, own in tags.items():
                note(connection, owner.tenant, f"{store}/{file}", own)

        async with parts.acts.entered(caller.act(Action.KNOWLEDGE_ADD, store)) as came:
            came.result = batch or ",".join(wanted)
            await parts.keeping.write(caller.tenant, place)
        parts.nudge()

    async def describe(self, caller: Caller, store: str, file: str, attributes: Attributes) -> None:
        await self.one(caller, store, file)
        tags = await mentioned(self._parts, caller, words_in(attributes))

        def put(connection: Connection, owner: TenantKey) -> None:
            if describe_file(connection, owner, store, file, attributes):  # it may have been taken out meanwhile
                note(connection, owner.tenant, f"{store}/{file}", tags)

        async with self._parts.acts.entered(caller.act(Action.KNOWLEDGE_ADD, f"{store}/{file}")):
            await self._parts.keeping.write(caller.tenant, put)

    async def remove(self, caller: Caller, store: str, file: str) -> None:
        keeping = self._parts.keeping
        await self.one(caller, store, file)
        async with self._parts.acts.entered(caller.act(Action.KNOWLEDGE_REMOVE, f"{store}/{file}")):
            await keeping.write(
                caller.tenant,
                lambda connection, owner: take_out(connection, owner, store, file, keeping.now),
            )

    async def cancel(self, caller: Caller, store: str, batch: str) -> None:
        batch_object(batch, await self.batch(caller, store, batch))
        async with self._parts.acts.entered(caller.act(Action.KNOWLEDGE_REMOVE, f"{store}/{batch}")):
            keeping = self._parts.keeping
            await keeping.write(caller.tenant, lambda connection, owner: cancel_batch(connection, owner, batch, keeping.now))


def store_files_router(parts: KnowledgeParts) -> APIRouter:
    router, door, desk = (
        APIRouter(prefix="/v1/vector_stores/{store}/files", tags=["vector stores"], dependencies=[Depends(parts.door.counted)]),
        parts.door,
        StoreFiles(parts),
    )

    @router.post("", summary="Put one of your files into a vector store")
    async def add(request: Request, store: str) -> dict[str, Any]:
        caller = await door.writer(request, Action.KNOWLEDGE_ADD)
        asked = await said(caller.client, AddFile)
        await desk.add(caller, store, {asked.file_id: asked.attributes or {}})
        return store_file_object(await desk.one(caller, store, asked.file_id))

    @router.get("", summary="The files in a vector store")
    async def list_files(request: Request, store: str) -> dict[str, Any]:
        return _page(request, await desk.all(await door.caller(request), store))

    @router.get("/{file}", summary="A file in a vector store")
    async def get_file(request: Request, store: str, file: str) -> dict[str, Any]:
        return store_file_object(await desk.one(await door.caller(request), store, file))

    @router.post("/{file}", summary="Change the attributes of a file in a vector store")
    async def describe(request: Request, store: str, file: str) -> dict[str, Any]:
        caller = await door.writer(request, Action.KNOWLEDGE_ADD)
        asked = await said(caller.client, DescribeFile)
        await desk.describe(caller, store, file, asked.attributes or {})
        return store_file_object(await desk.one(caller, store, file))

    @router.delete("/{file}", summary="Take a file out of a vector store; the file stays")
    async def remove(request: Request, store: str, file: str) -> dict[str, Any]:
        await desk.remove(await door.writer(request, Action.KNOWLEDGE_REMOVE), store, file)
        return deleted("vector_store.file.deleted", file)

    return router


def batches_router(parts: KnowledgeParts) -> APIRouter:
    router = APIRouter(
        prefix="/v1/vector_stores/{store}/file_batches", tags=["vector stores"], dependencies=[Depends(parts.door.counted)]
    )
    door, desk = parts.door, StoreFiles(parts)

    async def shown(caller: Caller, store: str, batch: str) -> dict[str, Any]:
        return batch_object(batch, await desk.batch(caller, store, batch))

    @router.post("", summary="Put several of your files into a vector store")
    async def add(request: Request, store: str) -> dict[str, Any]:
        caller = await door.writer(request, Action.KNOWLEDGE_ADD)
        wanted, batch = _wanted(await said(caller.client, AddBatch)), f"vsfb_{secrets.token_hex(12)}"
        await desk.add(caller, store, wanted, batch)
        return await shown(caller, store, batch)

    @router.get("/{batch}", summary="How far a batch is")
    async def get_batch(request: Request, store: str, batch: str) -> dict[str, Any]:
        return await shown(await door.caller(request), store, batch)

    @router.get("/{batch}/files", summary="The files of a batch")
    async def list_files(request: Request, store: str, batch: str) -> dict[str, Any]:
        caller = await door.caller(request)
        await shown(caller, store, batch)
        return _page(request, await desk.batch(caller, store, batch))

    @router.post("/{batch}/cancel", summary="Leave out what was not read yet")
    async def cancel(request: Request, store: str, batch: str) -> dict[str, Any]:
        caller = await door.writer(request, Action.KNOWLEDGE_REMOVE)
        await desk.cancel(caller, store, batch)
        return await shown(caller, store, batch)

    return router


def _wanted(asked: AddBatch) -> Mapping[str, Attributes]:
    if bool(asked.file_ids) is bool(asked.files):
        raise InvalidRequest("Send either file_ids or files.", param="file_ids")
    return {file: asked.attributes or {} for file in asked.file_ids} | {
        file.file_id: file.attributes or {} for file in asked.files
    }


def _page(request: Request, files: Sequence[StoreFile]) -> dict[str, Any]:
    status = request.query_params.get("filter")
    if status is not None and status not in set(Status):
        raise InvalidRequest("filter is a status.", param="filter")
    asked = [file for file in files if status in (None, file.status)]
    return page(asked, Cursor.of(request.query_params), lambda file: file.file, store_file_object)
