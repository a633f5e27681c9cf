"""Reads the form in which a file comes. Everything stays in memory: nothing that is not sealed touches a disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from gateway.api.client import Client
from gateway.errors import InvalidRequest, MalformedBody
from gateway.knowledge.sources import MOST_BYTES

MOST_BODY_BYTES = MOST_BYTES + 2**16
"""A file, and the form around it."""
_PURPOSES = frozenset({"assistants", "user_data"})
_SHORTEST_S, _LONGEST_S = 3_600, 2_592_000
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Form:
    name: str = field(repr=False)
    content: bytes = field(repr=False)
    purpose: str
    expires_at: datetime | None


class _InMemory(MultiPartParser):
    spool_max_size = 2 * MOST_BODY_BYTES


async def form_of(client: Client, now: datetime) -> Form:
    """Raises MalformedBody, InvalidRequest, PayloadTooLarge and BodyTimeout."""
    if not client.headers.get("content-type", "").lower().startswith("multipart/form-data;"):
        raise MalformedBody("The body has to be multipart/form-data with one file.")
    parser = _InMemory(client.headers, _once(await client()), max_files=1, max_fields=8, max_part_size=4_096)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise MalformedBody("The body has to be multipart/form-data with one file.") from None
    try:
        return await _read(form, now)
    finally:
        await form.close()


async def _read(form: FormData, now: datetime) -> Form:
    file, purpose = form.get("file"), form.get("purpose")
    if not isinstance(file, UploadFile) or not file.filename:
        raise MalformedBody("A file with a name is missing.", param="file")
    if purpose not in _PURPOSES:
        raise InvalidRequest("purpose has to be assistants or user_data.", param="purpose")
    name = file.filename.replace("\\", "/").rpartition("/")[2].replace("\0", "")[-_LONGEST_NAME:]
    name = name.encode("utf-8", "replace").decode()  # the form's charset is the client's choice, and may give lone surrogates
    return Form(name, await file.read(), str(purpose), _expiry(form, now))


def _expiry(form: FormData, now: datetime) -> datetime | None:
    anchor, seconds = form.get("expires_after[anchor]"), form.get("expires_after[seconds]")
    if anchor is None and seconds is None:
        return None
    if anchor != "created_at" or not isinstance(seconds, str) or not seconds.isdecimal():
        raise InvalidRequest("expires_after has to be an anchor created_at and a number of seconds.", param="expires_after")
    if not _SHORTEST_S <= int(seconds[:9]) <= _LONGEST_S:
        raise InvalidRequest(f"A file lasts {_SHORTEST_S} to {_LONGEST_S} seconds.", param="expires_after")
    return now + timedelta(seconds=int(seconds[:9]))


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
