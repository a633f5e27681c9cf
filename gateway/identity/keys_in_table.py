"""Virtual keys in the database that gateways share: what one of them changes, all of them read."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from gateway.identity.virtual_keys import KeyRecord
from gateway.store.database import Database
from gateway.store.inserts import insert_into
from gateway.store.tables.virtual_keys import KEY_CHANGES, VIRTUAL_KEYS

_KEYS = VIRTUAL_KEYS.c


class KeysInTable:
    """A KeyPlace. Raises SQLAlchemy's errors, ValueError, TypeError or AuditUnavailable."""

    remote = True

    def __init__(self, database: Database) -> None:
        """The database is somebody else's to close."""
        self._database = database
        self._mark: str | None = None
        self._records: Mapping[str, KeyRecord] = {}

    def insert(self, record: KeyRecord) -> None:
        with self._changing() as connection:
            connection.execute(insert(VIRTUAL_KEYS).values(_row(record)))

    def revoke(self, key_id: str, now: datetime) -> bool:
        with self._changing() as connection:
            return _update(connection, _KEYS.key_id == key_id, revoked=func.coalesce(_KEYS.revoked, _text(now)))

    def expire(self, key_id: str, ends: datetime) -> bool:
        with self._changing() as connection:
            return _expire(connection, key_id, ends)

    def rotate(self, key_id: str, successor: KeyRecord, ends: datetime) -> bool:
        in_use = (_KEYS.key_id == key_id) & _KEYS.revoked.is_(None) & _KEYS.rotated_to.is_(None)
        with self._changing() as connection:
            if not _update(connection, in_use, rotated_to=successor.key_id):
                return False
            connection.execute(insert(VIRTUAL_KEYS).values(_row(successor)))
            return _expire(connection, key_id, ends)

    def every(self) -> Mapping[str, KeyRecord]:
        with self._database.reading() as connection:
            return _read(connection)

    def follow(self) -> Mapping[str, KeyRecord]:
        """Reads the keys only where the mark is another one."""
        with self._database.reading() as connection:
            mark = connection.execute(select(KEY_CHANGES.c.mark)).scalar()  # before the rows: a later change is seen next time
            if mark != self._mark:
                self._records = _read(connection)
                self._mark = mark
        return self._records

    def close(self) -> None:
        """Forget what was read."""
        self._mark, self._records = None, {}

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """One transaction with a new mark; its row keeps two changes apart."""
        mark = secrets.token_hex(8)
        with self._database.writing() as connection:
            marked = insert_into(connection, KEY_CHANGES).values(id=1, mark=mark)
            connection.execute(marked.on_conflict_do_update(index_elements=["id"], set_={"mark": mark}))
            yield connection


def _update(connection: Connection, which: ColumnElement[bool], **values: Any) -> bool:
    return connection.execute(update(VIRTUAL_KEYS).where(which).values(**values)).rowcount == 1


def _expire(connection: Connection, key_id: str, ends: datetime) -> bool:
    """Texts of one length in ASCII: the lesser one is the earlier."""
    end = _text(ends)
    later = _KEYS.expires.is_(None) | (_KEYS.expires > end)
    if _update(connection, (_KEYS.key_id == key_id) & later, expires=end):
        return True
    return connection.execute(select(_KEYS.key_id).where(_KEYS.key_id == key_id)).first() is not None


def _read(connection: Connection) -> Mapping[str, KeyRecord]:
    rows = connection.execute(select(VIRTUAL_KEYS).order_by(_KEYS.created, _KEYS.key_id)).mappings()
    return {row["key_id"]: _record(row) for row in rows}


def _record(row: Mapping[Any, Any]) -> KeyRecord:
    times = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in ("expires", "revoked")}
    return KeyRecord(**{**row, **times, "created": datetime.fromisoformat(row["created"])})


def _row(record: KeyRecord) -> dict[str, str | None]:
    return {
        "key_id": record.key_id,
        "tenant": record.tenant,
        "principal": record.principal,
        "digest": record.digest,
        "created": _text(record.created),
        "expires": _text(record.expires) if record.expires else None,
        "revoked": _text(record.revoked) if record.revoked else None,
        "rotated_to": record.rotated_to,
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
