"""Where virtual keys are kept: a file that the CLI writes and the running gateway follows.

A request costs a dictionary look-up. At most once a second the file is asked whether another process changed it, so a
revocation takes hold within that second, without a restart.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from gateway.errors import ProtectionUnavailable
from gateway.identity.key_file import KeyFile, create, expire, insert, revoke, rotate
from gateway.identity.virtual_keys import KeyRecord


class KeyStore:
    """Raises ProtectionUnavailable from every method when the file cannot be used: nobody gets in unchecked."""

    def __init__(self, path: Path, *, refresh_s: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._refresh_s = refresh_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._file: KeyFile | None = None
        self._records: Mapping[str, KeyRecord] = {}
        self._checked = 0.0
        with _typed():
            create(path)

    def add(self, record: KeyRecord) -> None:
        """Durable when it returns."""
        with _typed():
            insert(self._path, record)

    def revoke(self, key_id: str, now: datetime) -> bool:
        """Void the key from now on; an earlier revocation keeps its time. False if there is no such key."""
        with _typed():
            return revoke(self._path, key_id, now)

    def expire(self, key_id: str, ends: datetime) -> bool:
        """Let the key end then, or earlier if it would anyway. False if there is no such key."""
        with _typed():
            return expire(self._path, key_id, ends)

    def rotate(self, key_id: str, successor: KeyRecord, ends: datetime) -> bool:
        """Add the successor and let the old key end, as one act. False if the old one is unknown, revoked or rotated."""
        with _typed():
            return rotate(self._path, key_id, successor, ends)

    def list(self) -> tuple[KeyRecord, ...]:
        """Every key ever issued, oldest first."""
        with _typed(), closing(KeyFile(self._path)) as file:
            return tuple(file.keys().values())

    def find(self, key_id: str) -> KeyRecord | None:
        """The record of this key, at most `refresh_s` seconds old; a key that is new is found at once."""
        with self._lock, _typed():
            now = self._monotonic()
            if self._file is None or now - self._checked >= self._refresh_s or key_id not in self._records:
                self._refresh()
                self._checked = now
            return self._records.get(key_id)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _refresh(self) -> None:
        """Whatever fails here, no old keys stay in use."""
        try:
            if self._file and not self._file.in_place():
                self._let_go()
            self._file = self._file or KeyFile(self._path)
            self._records = self._file.keys()
        except Exception:
            self._let_go()
            raise

    def _let_go(self) -> None:
        if self._file:
            self._file.close()
        self._file = None


@contextmanager
def _typed() -> Iterator[None]:
    """Nothing of SQLite's own text travels: it may hold values."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError, TypeError):
        raise ProtectionUnavailable("the key store cannot be used") from None
