"""The SQLite file that holds virtual keys: its schema, its rows, and whether it changed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gateway.errors import ProtectionUnavailable
from gateway.identity.virtual_keys import KeyRecord

_SCHEMA_VERSION = 2
_STEPS = (
    """CREATE TABLE virtual_keys (
        key_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, principal TEXT NOT NULL, digest TEXT NOT NULL,
        created TEXT NOT NULL, expires TEXT, revoked TEXT)""",
    "ALTER TABLE virtual_keys ADD COLUMN rotated_to TEXT",
)
"""What leads from each version of the schema to the next; a new file takes them all."""
_COLUMNS = "key_id, tenant, principal, digest, created, expires, revoked, rotated_to"
_INSERT = f"INSERT INTO virtual_keys ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)"  # noqa: S608  constants
_SELECT = f"SELECT {_COLUMNS} FROM virtual_keys ORDER BY created, rowid"  # noqa: S608  constants
_REVOKE = "UPDATE virtual_keys SET revoked = coalesce(revoked, ?) WHERE key_id = ?"
_EXPIRE = "UPDATE virtual_keys SET expires = min(coalesce(expires, :ends), :ends) WHERE key_id = :key_id"
_REPLACE = "UPDATE virtual_keys SET rotated_to = ? WHERE key_id = ? AND revoked IS NULL AND rotated_to IS NULL"
_BUSY_S = 2.0


def create(path: Path) -> None:
    """Make the file, for its owner only, if there is none; bring an older one up to date; refuse one of a later version."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(_open(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # readers never wait for a writer
        if _pragma(connection, "user_version") < _SCHEMA_VERSION:
            _migrate(connection)
        _require_schema(connection)


def insert(path: Path, record: KeyRecord) -> None:
    """Durable when it returns."""
    with _writing(path) as connection:
        _insert(connection, record)


def revoke(path: Path, key_id: str, now: datetime) -> bool:
    """False if there is no such key; an earlier revocation keeps its time."""
    with _writing(path) as connection:
        return connection.execute(_REVOKE, (_text(now), key_id)).rowcount == 1


def expire(path: Path, key_id: str, ends: datetime) -> bool:
    """False if there is no such key; an earlier end stays."""
    with _writing(path) as connection:
        return connection.execute(_EXPIRE, {"ends": _text(ends), "key_id": key_id}).rowcount == 1


def rotate(path: Path, key_id: str, successor: KeyRecord, ends: datetime) -> bool:
    """Both at once: the successor is there, and the old key ends. False, and nothing done, if the old one is not in use."""
    with _writing(path) as connection:
        if connection.execute(_REPLACE, (successor.key_id, key_id)).rowcount != 1:
            return False
        _insert(connection, successor)
        connection.execute(_EXPIRE, {"ends": _text(ends), "key_id": key_id})
        return True


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(_open(path)) as connection, _transaction(connection):
        _require_schema(connection)
        yield connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Takes the write lock at once; all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _migrate(connection: sqlite3.Connection) -> None:
    """The version is read again under the lock: another process may have been first."""
    with _transaction(connection):
        for step in _STEPS[_pragma(connection, "user_version") :]:
            connection.execute(step)
        connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")


def _insert(connection: sqlite3.Connection, record: KeyRecord) -> None:
    times = map(_text, (record.created, record.expires, record.revoked))
    connection.execute(_INSERT, (record.key_id, record.tenant, record.principal, record.digest, *times, record.rotated_to))


class KeyFile:
    """One open file and the keys last read from it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identity(path)
        self._connection = _open(path)
        self._version: int | None = None
        self._keys: Mapping[str, KeyRecord] = {}

    def in_place(self) -> bool:
        """Whether the path still leads to this very file. Raises OSError if it leads nowhere."""
        return _identity(self._path) == self._identity

    def keys(self) -> Mapping[str, KeyRecord]:
        """All keys by id, oldest first; read again only if another connection has written since."""
        version = _pragma(self._connection, "data_version")  # before the rows: a later change is seen the next time
        if version != self._version:
            _require_schema(self._connection)
            self._keys = {row[0]: _record(row) for row in self._connection.execute(_SELECT)}
            self._version = version
        return self._keys

    def close(self) -> None:
        self._connection.close()


def _open(path: Path) -> sqlite3.Connection:
    """Opens an existing file only: a deleted store must not come back empty and look as if no key was ever issued."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_S, check_same_thread=False, isolation_level=None)


def _require_schema(connection: sqlite3.Connection) -> None:
    if _pragma(connection, "user_version") != _SCHEMA_VERSION:
        raise ProtectionUnavailable("the key store was written by another version of the gateway")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _record(row: tuple[str, str, str, str, str, str | None, str | None, str | None]) -> KeyRecord:
    key_id, tenant, principal, digest, created, expires, revoked, rotated_to = row
    return KeyRecord(
        key_id=key_id,
        tenant=tenant,
        principal=principal,
        digest=digest,
        created=datetime.fromisoformat(created),
        expires=datetime.fromisoformat(expires) if expires else None,
        revoked=datetime.fromisoformat(revoked) if revoked else None,
        rotated_to=rotated_to,
    )


def _text(moment: datetime | None) -> str | None:
    """In UTC and always of one length, so that texts compare as times do."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
