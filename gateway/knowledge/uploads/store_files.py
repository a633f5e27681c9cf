"""Files in vector stores: what they are there, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, select, update

from gateway.keys.data_key import DataKey, TenantKey
from gateway.knowledge.formats.document import Refusal
from gateway.knowledge.ingest import mark_of
from gateway.knowledge.uploads.shapes import Attributes, Status, StoreFile
from gateway.knowledge.uploads.stores import key_of, touch, wake
from gateway.knowledge.writing import unshelve
from gateway.moments import written
from gateway.store.tables.knowledge import DOCUMENTS, FILE_MENTIONS, STORE_FILES

_UNSUPPORTED = frozenset({Refusal.UNKNOWN_KIND, Refusal.ENCRYPTED, Refusal.MACROS, Refusal.EMPTY})
OURS = "could not be processed now; add it again"


def place_file(
    connection: Connection,
    owner: TenantKey,
    store: str,
    files: Mapping[str, Attributes],
    batch: str | None,
    now: datetime,
) -> None:
    """Note that files are to be read into a store, in place of what was there of them."""
    wake(connection, owner.tenant, store, now)
    key = key_of(connection, owner, store)
    touch(connection, store, now)
    for file, attributes in files.items():
        take_out(connection, owner, store, file, now)
        row = {
            "store": store,
            "file": file,
            "tenant": owner.tenant,
            "batch": batch,
            "attributes": _sealed(key, store, file, attributes),
            "status": Status.IN_PROGRESS,
            "bytes": 0,
            "made_at": written(now),
        }
        connection.execute(STORE_FILES.insert().values(**row))


def take_out(connection: Connection, owner: TenantKey, store: str, file: str, now: datetime) -> bool:
    """Whether it was there. What was made of it goes too, also where a gateway stopped before it could note that."""
    this = (STORE_FILES.c.store == store, STORE_FILES.c.file == file, STORE_FILES.c.tenant == owner.tenant)
    gone = connection.execute(delete(STORE_FILES).where(*this)).rowcount
    named = (FILE_MENTIONS.c.tenant == owner.tenant, FILE_MENTIONS.c.file == f"{store}/{file}")
    connection.execute(delete(FILE_MENTIONS).where(*named))
    _unshelve(connection, owner, store, file, now)
    return bool(gone)


def _unshelve(connection: Connection, owner: TenantKey, store: str, file: str, now: datetime) -> None:
    """Also what a gateway shelved and stopped before it could say so."""
    made = (DOCUMENTS.c.collection == store, DOCUMENTS.c.source == mark_of(owner, source_of(file)))
    documents = connection.execute(select(DOCUMENTS.c.id).where(DOCUMENTS.c.tenant == owner.tenant, *made)).scalars().all()
    unshelve(connection, owner.tenant, documents, now)


def source_of(file: str) -> str:
    """Where the document of an uploaded file comes from."""
    return f"upload:{file}"


def store_files(connection: Connection, owner: TenantKey, store: str) -> Sequence[StoreFile]:
    """The newest first. Raises Unreadable."""
    key, own = key_of(connection, owner, store), (STORE_FILES.c.store == store, STORE_FILES.c.tenant == owner.tenant)
    rows = connection.execute(select(STORE_FILES).where(*own).order_by(STORE_FILES.c.made_at.desc(), STORE_FILES.c.file))
    return [_store_file(key, row) for row in rows]


def describe_file(connection: Connection, owner: TenantKey, store: str, file: str, attributes: Attributes) -> bool:
    """Whether it was there."""
    this = (STORE_FILES.c.store == store, STORE_FILES.c.file == file)
    sealed = _sealed(key_of(connection, owner, store), store, file, attributes)
    return bool(connection.execute(update(STORE_FILES).where(*this).values(attributes=sealed)).rowcount)


def cancel_batch(connection: Connection, owner: TenantKey, batch: str, now: datetime) -> None:
    of = STORE_FILES.c
    waiting = (of.batch == batch, of.tenant == owner.tenant, of.status == Status.IN_PROGRESS)
    for store, file in connection.execute(select(of.store, of.file).where(*waiting)).all():
        _unshelve(connection, owner, store, file, now)
    connection.execute(update(STORE_FILES).where(*waiting).values(status=Status.CANCELLED))


def _store_file(key: DataKey, row: Any) -> StoreFile:
    return StoreFile(
        store=row.store,
        file=row.file,
        batch=row.batch,
        status=Status(row.status),
        error=_error(row.error) if row.status == Status.FAILED else None,
        document=row.document,
        attributes=orjson.loads(key.unseal(bytes(row.attributes), context_of(row.store, row.file))),
        bytes=row.bytes,
        made_at=row.made_at,
    )


def _error(reason: str | None) -> tuple[str, str]:
    if not reason:
        return "server_error", f"This file {OURS}."
    code = "unsupported_file" if Refusal(reason) in _UNSUPPORTED else "invalid_file"
    return code, f"This file was refused: {reason}."


def _sealed(key: DataKey, store: str, file: str, attributes: Attributes) -> bytes:
    return key.seal(orjson.dumps(dict(attributes)), context_of(store, file))


def context_of(store: str, file: str) -> str:
    """What the attributes of a file in a store are bound to."""
    return f"knowledge/attributes/{store}/{file}"
