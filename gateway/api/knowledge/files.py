"""`/v1/files`: upload, list, read and delete. A file is seen by whoever uploaded it and by nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from gateway.api.admin.refusals import no_such
from gateway.api.knowledge.caller import Caller
from gateway.api.knowledge.in_view import require_allowed
from gateway.api.knowledge.parts import KnowledgeParts
from gateway.api.knowledge.uploading import MOST_BODY_BYTES, Form, form_of
from gateway.api.knowledge.views import Cursor, deleted, file_object, page
from gateway.audit.act import Action
from gateway.errors import InvalidRequest
from gateway.keys.data_key import TenantKey
from gateway.knowledge.formats.document import Document, Refused
from gateway.knowledge.sources import MOST_BYTES
from gateway.knowledge.uploads.files import NewFile, add_file, content_of, drop_files, files, find_file
from gateway.knowledge.uploads.shapes import Upload
from gateway.knowledge.uploads.store_files import take_out
from gateway.store.tables.knowledge import FILES, STORE_FILES


class Files:
    """What the routes do, each for a caller who was let in."""

    def __init__(self, parts: KnowledgeParts) -> None:
        self._parts = parts
        self._keeping = parts.keeping

    async def one(self, caller: Caller, file: str) -> Upload:
        """Raises NotFound."""
        now = self._keeping.now
        found = await self._keeping.read(caller.tenant, lambda connection, owner: find_file(connection, owner, file, now))
        return caller.file(found)

    async def all(self, caller: Caller) -> Sequence[Upload]:
        who, now = caller.who.id, self._keeping.now
        return await self._keeping.read(caller.tenant, lambda connection, owner: files(connection, owner, who, now))

    async def add(self, caller: Caller, form: Form) -> Upload:
        """Raises InvalidRequest and PolicyDenied."""
        document = await _readable(self._parts, form)
        texts = [form.name, document.title, *(block.text for block in document.blocks)]
        await require_allowed(self._parts, caller, texts, Action.KNOWLEDGE_UPLOAD)
        new = NewFile(
            owner=caller.who.id, name=form.name, content=form.content, purpose=form.purpose, expires_at=form.expires_at
        )
        now = self._keeping.now
        async with self._parts.acts.entered(caller.act(Action.KNOWLEDGE_UPLOAD)) as came:
            file = await self._keeping.write(caller.tenant, lambda connection, owner: add_file(connection, owner, new, now))
            came.result = file
        self._parts.nudge()
        return await self.one(caller, file)

    async def content(self, caller: Caller, file: Upload) -> bytes:
        async with self._parts.acts.entered(caller.act(Action.KNOWLEDGE_READ, file.id)):
            content = await self._keeping.read(caller.tenant, lambda connection, owner: content_of(connection, owner, file.id))
        if content is None:
            raise no_such("file")
        return content

    async def delete(self, caller: Caller, file: Upload) -> None:
        """With what was made of it in vector stores."""

        def drop(connection: Connection, owner: TenantKey) -> None:
            stores = select(STORE_FILES.c.store).where(STORE_FILES.c.file == file.id, STORE_FILES.c.tenant == owner.tenant)
            for store in connection.execute(stores).scalars().all():
                take_out(connection, owner, store, file.id, self._keeping.now)
            drop_files(connection, (FILES.c.id == file.id) & (FILES.c.tenant == owner.tenant))

        async with self._parts.acts.entered(caller.act(Action.KNOWLEDGE_REMOVE, file.id)):
            await self._keeping.write(caller.tenant, drop)


def files_router(parts: KnowledgeParts) -> APIRouter:
    router, door, desk = (
        APIRouter(prefix="/v1/files", tags=["files"], dependencies=[Depends(parts.door.counted)]),
        parts.door,
        Files(parts),
    )

    @router.post("", summary="Upload a file")
    async def upload(request: Request) -> dict[str, Any]:
        caller = await door.writer(request, Action.KNOWLEDGE_UPLOAD, MOST_BODY_BYTES)
        return file_object(await desk.add(caller, await form_of(caller.client, parts.keeping.now)))

    @router.get("", summary="Your files")
    async def list_files(request: Request) -> dict[str, Any]:
        purpose = request.query_params.get("purpose")
        asked = [file for file in await desk.all(await door.caller(request)) if purpose in (None, file.purpose)]
        return page(asked, Cursor.of(request.query_params), lambda file: file.id, file_object)

    @router.get("/{file}", summary="One of your files")
    async def get_file(request: Request, file: str) -> dict[str, Any]:
        return file_object(await desk.one(await door.caller(request), file))

    @router.get("/{file}/content", summary="The bytes of one of your files")
    async def get_content(request: Request, file: str) -> Response:
        caller = await door.caller(request, Action.KNOWLEDGE_READ)
        content = await desk.content(caller, await desk.one(caller, file))
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    @router.delete("/{file}", summary="Delete one of your files, also from vector stores")
    async def delete_file(request: Request, file: str) -> dict[str, Any]:
        caller = await door.caller(request, Action.KNOWLEDGE_REMOVE)
        await desk.delete(caller, await desk.one(caller, file))
        return deleted("file", file)

    return router


async def _readable(parts: KnowledgeParts, form: Form) -> Document:
    """Raises InvalidRequest: what cannot be read could neither be searched nor be erased when a person asks for it."""
    if len(form.content) > MOST_BYTES:
        raise InvalidRequest(f"A file may have {MOST_BYTES} bytes.", param="file")
    try:
        return await parts.reader.read(form.name, form.content)
    except Refused as refused:
        raise InvalidRequest(f"This file is refused: {refused.reason.value}.", param="file") from None
