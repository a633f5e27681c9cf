"""Uploaded files in the database: name and bytes sealed, each under a key of its own, which goes with the file."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, select, update

from gateway.keys.data_key import DataKey, TenantKey
from gateway.knowledge.uploads.shapes import FileStatus, Upload
from gateway.knowledge.writing import mention
from gateway.moments import written
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import FILE_MENTIONS, FILES, STORE_FILES

_BATCH = 500
_SHOWN = (
    FILES.c.id,
    FILES.c.tenant,
    FILES.c.owner,
    FILES.c.bytes,
    FILES.c.purpose,
    FILES.c.status,
    FILES.c.key_id,
    FILES.c.name,
    FILES.c.made_at,
    FILES.c.expires_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    owner: str
    name: str = field(repr=False)
    content: bytes = field(repr=False)
    purpose: str
    expires_at: datetime | None


def add_file(connection: Connection, owner: TenantKey, new: NewFile, now: datetime) -> str:
    """Its id."""
    key, file = owner.new_data_key(), f"file-{secrets.token_hex(12)}"
    row = {
        "id": file,
        "tenant": owner.tenant,
        "owner": new.owner,
        "bytes": len(new.content),
        "purpose": new.purpose,
        "status": FileStatus.UPLOADED,
        "key_id": key.id,
        "name": key.seal(new.name.encode(), _name(file)),
        "content": key.seal(new.content, _content(file)),
        "made_at": written(now),
        "expires_at": None if new.expires_at is None else written(new.expires_at),
    }
    connection.execute(DATA_KEYS.insert().values(**key.row(written(now))))
    connection.execute(FILES.insert().values(**row))
    return file


def files(connection: Connection, owner: TenantKey, who: str, now: datetime) -> Sequence[Upload]:
    """Those of one principal, the newest first. Raises Unreadable."""
    own = (FILES.c.owner == who, _there(owner.tenant, now))
    rows = connection.execute(_opening().where(*own).order_by(FILES.c.made_at.desc(), FILES.c.id))
    return [_upload(owner, row) for row in rows]


def names_of_files(connection: Connection, owner: TenantKey) -> Iterator[tuple[str, str]]:
    """Id and name of every file of the tenant. Raises Unreadable."""
    columns = select(FILES.c.id, FILES.c.key_id, FILES.c.name, DATA_KEYS.c.wrapped)
    every = columns.join(DATA_KEYS, DATA_KEYS.c.id == FILES.c.key_id).where(DATA_KEYS.c.wrapped.is_not(None))
    for row in connection.execute(every.where(FILES.c.tenant == owner.tenant)):
        key: DataKey = owner.data_key(row.key_id, bytes(row.wrapped))
        yield row.id, key.unseal(bytes(row.name), _name(row.id)).decode()


def find_file(connection: Connection, owner: TenantKey, file: str, now: datetime) -> Upload | None:
    row = connection.execute(_opening().where(FILES.c.id == file, _there(owner.tenant, now))).first()
    return None if row is None else _upload(owner, row)


def content_of(connection: Connection, owner: TenantKey, file: str) -> bytes | None:
    """The bytes as they were uploaded; None where the file is gone. Raises Unreadable."""
    columns = select(FILES.c.key_id, FILES.c.content, DATA_KEYS.c.wrapped).join(DATA_KEYS, DATA_KEYS.c.id == FILES.c.key_id)
    row = connection.execute(columns.where(FILES.c.id == file, FILES.c.tenant == owner.tenant)).first()
    if row is None or row.wrapped is None:
        return None
    return owner.data_key(row.key_id, bytes(row.wrapped)).unseal(bytes(row.content), _content(file))


def mark_processed(connection: Connection, tenant: str, file: str, tags: Collection[bytes]) -> None:
    """It is known now whom the file mentions. Who was found in it under other rules, which may be gone, stands there still."""
    own = (FILES.c.id == file, FILES.c.tenant == tenant)
    if connection.execute(update(FILES).where(*own).values(status=FileStatus.PROCESSED, claimed_at=None)).rowcount:
        mention(connection, tenant, file, tags)


def drop_files(connection: Connection, which: ColumnElement[bool]) -> int:
    """How many there were. Their keys go with them, and what was in stores of them stays there."""
    ids = connection.execute(select(FILES.c.id).where(which)).scalars().all()
    return sum(_dropped(connection, ids[at : at + _BATCH]) for at in range(0, len(ids), _BATCH))


def _dropped(connection: Connection, some: Sequence[str]) -> int:
    keys = connection.execute(delete(FILES).where(FILES.c.id.in_(some)).returning(FILES.c.key_id)).scalars().all()
    connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.id.in_(keys)))
    waiting = delete(STORE_FILES).where(STORE_FILES.c.file.in_(some), STORE_FILES.c.document.is_(None))
    gone = connection.execute(waiting.returning(STORE_FILES.c.store, STORE_FILES.c.file)).all()
    for places in (some, [f"{store}/{file}" for store, file in gone]):
        connection.execute(delete(FILE_MENTIONS).where(FILE_MENTIONS.c.file.in_(places)))
    return len(keys)


def _opening() -> Select[Any]:
    columns = select(*_SHOWN, DATA_KEYS.c.wrapped).join(DATA_KEYS, DATA_KEYS.c.id == FILES.c.key_id)
    return columns.where(DATA_KEYS.c.wrapped.is_not(None))


def _there(tenant: str, now: datetime) -> ColumnElement[bool]:
    return (FILES.c.tenant == tenant) & (FILES.c.expires_at.is_(None) | (FILES.c.expires_at > written(now)))


def _upload(owner: TenantKey, row: Any) -> Upload:
    key: DataKey = owner.data_key(row.key_id, bytes(row.wrapped))
    return Upload(
        id=row.id,
        tenant=row.tenant,
        owner=row.owner,
        name=key.unseal(bytes(row.name), _name(row.id)).decode(),
        bytes=row.bytes,
        purpose=row.purpose,
        status=FileStatus(row.status),
        made_at=row.made_at,
        expires_at=row.expires_at,
    )


def _name(file: str) -> str:
    return f"knowledge/file-name/{file}"


def _content(file: str) -> str:
    return f"knowledge/file/{file}"
