"""What programs get: OpenAI's objects. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from gateway.api.admin.refusals import no_such
from gateway.errors import InvalidRequest
from gateway.knowledge.uploads.shapes import Status, Store, StoreFile, Upload
from gateway.moments import read

_T = TypeVar("_T")
_MOST = 100
_STRATEGY = {"type": "other"}
"""We cut by structure, and not by a number of tokens."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which part of a list is asked for."""

    limit: int = 20
    after: str | None = None
    before: str | None = None
    ascending: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Cursor:
        """Raises InvalidRequest."""
        limit, order = query.get("limit", "20"), query.get("order", "desc")
        if not limit.isdecimal() or len(limit) > 5 or not 1 <= int(limit) <= 10_000 or order not in ("asc", "desc"):
            raise InvalidRequest("limit has to be a number from 1, and order asc or desc.", param="limit")
        return cls(min(int(limit), _MOST), query.get("after"), query.get("before"), order == "asc")


def page(
    items: Sequence[_T], cursor: Cursor, id_of: Callable[[_T], str], shown: Callable[[_T], dict[str, Any]]
) -> dict[str, Any]:
    """`items` are the newest first. Raises NotFound for a cursor that is at none of them."""
    every = list(reversed(items)) if cursor.ascending else list(items)
    ids = [id_of(item) for item in every]
    begin = _place(ids, cursor.after) + 1 if cursor.after else 0
    end = _place(ids, cursor.before) if cursor.before else len(ids)
    begin = max(begin, end - cursor.limit) if cursor.before and not cursor.after else begin
    some = every[begin : min(end, begin + cursor.limit)]
    return {
        "object": "list",
        "data": [shown(item) for item in some],
        "first_id": id_of(some[0]) if some else None,
        "last_id": id_of(some[-1]) if some else None,
        "has_more": begin + len(some) < end,
    }


def file_object(file: Upload) -> dict[str, Any]:
    return {
        "id": file.id,
        "object": "file",
        "bytes": file.bytes,
        "created_at": _seconds(read(file.made_at)),
        "expires_at": None if file.expires_at is None else _seconds(read(file.expires_at)),
        "filename": file.name,
        "purpose": file.purpose,
        "status": file.status.value,
        "status_details": None,
    }


def store_object(store: Store, now: datetime) -> dict[str, Any]:
    waiting, said = store.counts.get(Status.IN_PROGRESS, 0), store.said(now)
    status = "expired" if store.expired(now) else "in_progress" if waiting else "completed"
    return {
        "id": store.id,
        "object": "vector_store",
        "created_at": _seconds(read(store.made_at)),
        "name": said.name,
        "description": said.description,
        "usage_bytes": store.bytes,
        "file_counts": _counts(store.counts),
        "status": status,
        "expires_after": None if store.days is None else {"anchor": "last_active_at", "days": store.days},
        "expires_at": None if store.expires_at is None else _seconds(store.expires_at),
        "last_active_at": _seconds(read(store.active_at)),
        "metadata": dict(said.metadata),
    }


def store_file_object(file: StoreFile) -> dict[str, Any]:
    return {
        "id": file.file,
        "object": "vector_store.file",
        "created_at": _seconds(read(file.made_at)),
        "vector_store_id": file.store,
        "status": file.status.value,
        "last_error": None if file.error is None else {"code": file.error[0], "message": file.error[1]},
        "usage_bytes": file.bytes,
        "attributes": dict(file.attributes),
        "chunking_strategy": _STRATEGY,
    }


def batch_object(batch: str, files: Sequence[StoreFile]) -> dict[str, Any]:
    """Raises NotFound for a batch without files, which there never was."""
    if not files:
        raise no_such("file batch")
    counts = counted(files)
    ended = "cancelled" if counts.get(Status.CANCELLED) else "completed"
    return {
        "id": batch,
        "object": "vector_store.files_batch",
        "created_at": min(_seconds(read(file.made_at)) for file in files),
        "vector_store_id": files[0].store,
        "status": "in_progress" if counts.get(Status.IN_PROGRESS) else ended,
        "file_counts": _counts(counts),
    }


def counted(files: Iterable[StoreFile]) -> dict[Status, int]:
    counts: dict[Status, int] = {}
    for file in files:
        counts[file.status] = counts.get(file.status, 0) + 1
    return counts


def deleted(kind: str, name: str) -> dict[str, Any]:
    return {"id": name, "object": kind, "deleted": True}


def _counts(counts: Mapping[Status, int]) -> dict[str, int]:
    told = {status.value: counts.get(status, 0) for status in Status}
    return {**told, "total": sum(told.values())}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _place(ids: Sequence[str], name: str) -> int:
    if name not in ids:
        raise no_such("item to continue from")
    return ids.index(name)
