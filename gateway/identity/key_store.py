"""Where virtual keys are kept: an SQLite file that the CLI writes and the running gateway follows.

A request costs a dictionary look-up. At most once a second the file is asked whether another process changed it
(`PRAGMA data_version`), so a revocation takes hold within that second, without a restart.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.errors import ProtectionUnavailable
from gateway.identity.virtual_keys import KeyRecord

KEYS_FILE = "keys.sqlite3"

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS virtual_keys (
    key_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, principal TEXT NOT NULL, digest TEXT NOT NULL,
    created TEXT NOT NULL, expires TEXT, revoked TEXT
)"""
_COLUMNS = "key_id, tenant, principal, digest, created, expires, revoked"
_BUSY_S = 2.0


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """All keys as of one version of one file."""

    identity: tuple[int, int]
    version: int
    connection: sqlite3.Connection = field(repr=False)
    keys: Mapping[str, KeyRecord] = field(repr=False)


class KeyStore:
    """Raises ProtectionUnavailable from every method when the file cannot be used: nobody gets in unchecked."""

    def __init__(self, path: Path, *, refresh_s: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._refresh_s = refresh_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._snapshot: _Snapshot | None = None
        self._checked = 0.0
        with _typed():
            _create(path)

    def add(self, record: KeyRecord) -> None:
        """Durable when it returns."""
        times = (record.created, record.expires, record.revoked)
        values = (record.key_id, record.tenant, record.principal, record.digest, *map(_text, times))
        with _typed(), closing(_connect(self._path)) as connection, connection:
            connection.execute(f"INSERT INTO virtual_keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608

    def revoke(self, key_id: str, now: datetime) -> bool:
        """Void the key from now on; an earlier revocation keeps its time. False if there is no such key."""
        statement = "UPDATE virtual_keys SET revoked = coalesce(revoked, ?) WHERE key_id = ?"
        with _typed(), closing(_connect(self._path)) as connection, connection:
            return connection.execute(statement, (_text(now), key_id)).rowcount == 1

    def list(self) -> tuple[KeyRecord, ...]:
        """Every key ever issued, oldest first."""
        with _typed(), closing(_connect(self._path)) as connection:
            return tuple(_read(connection).values())

    def find(self, key_id: str) -> KeyRecord | None:
        """The record of this key, at most `refresh_s` seconds old."""
        with self._lock, _typed():
            now = self._monotonic()
            if self._snapshot is None or now - self._checked >= self._refresh_s:
                self._refresh()
                self._checked = now
            return self._snapshot.keys.get(key_id) if self._snapshot else None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._forget()

    def _refresh(self) -> None:
        try:
            identity = _identity(self._path)
            known = self._snapshot
            if known and known.identity == identity and _version(known.connection) == known.version:
                return
            if known is None or known.identity != identity:
                self._forget()
            self._snapshot = self._take(identity)
        except Exception:
            self._forget()
            raise

    def _take(self, identity: tuple[int, int]) -> _Snapshot:
        connection = self._snapshot.connection if self._snapshot else _connect(self._path)
        version = _version(connection)  # before the rows: a change in between is then seen the next time
        return _Snapshot(identity, version, connection, _read(connection))

    def _forget(self) -> None:
        if self._snapshot:
            self._snapshot.connection.close()
        self._snapshot = None


@contextmanager
def _typed() -> Iterator[None]:
    """Nothing of SQLite's own text travels: it may hold values."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError, TypeError):
        raise ProtectionUnavailable("the key store cannot be used") from None


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(_connect(path, check=False)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        if _schema_version(connection) == 0:
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        _require_schema(connection)


def _connect(path: Path, *, check: bool = True) -> sqlite3.Connection:
    """Opens an existing file only: a deleted store must not come back empty and look as if no key was ever issued."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, check_same_thread=False)
    try:
        if check:
            _require_schema(connection)
    except Exception:
        connection.close()
        raise
    return connection


def _require_schema(connection: sqlite3.Connection) -> None:
    if _schema_version(connection) != _SCHEMA_VERSION:
        raise ProtectionUnavailable("the key store was written by another version of the gateway")


def _schema_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _read(connection: sqlite3.Connection) -> dict[str, KeyRecord]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM virtual_keys ORDER BY created, rowid")  # noqa: S608
    return {row[0]: _record(row) for row in rows}


def _record(row: tuple[str, str, str, str, str, str | None, str | None]) -> KeyRecord:
    key_id, tenant, principal, digest, created, expires, revoked = row
    return KeyRecord(
        key_id=key_id,
        tenant=tenant,
        principal=principal,
        digest=digest,
        created=datetime.fromisoformat(created),
        expires=datetime.fromisoformat(expires) if expires else None,
        revoked=datetime.fromisoformat(revoked) if revoked else None,
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
