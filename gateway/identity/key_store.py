"""Where virtual keys are kept, as a running gateway sees it: what it last read, and whether that is still young enough.

A request costs a dictionary look-up. At most once a second the place is asked whether another process changed it, so a
revocation takes hold within that second, without a restart, on every machine that shares the place.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import AuditUnavailable, ProtectionUnavailable
from gateway.identity.ends import End, Ends
from gateway.identity.key_file import KeyFile
from gateway.identity.keys_in_file import KeysInFile
from gateway.identity.keys_in_table import KeysInTable
from gateway.identity.virtual_keys import KeyRecord
from gateway.store.database import Database


class KeyPlace(Protocol):
    """What holds the keys. A change is durable when it returns."""

    remote: bool
    """Whether an answer may have to come from another machine."""

    def insert(self, record: KeyRecord) -> None: ...

    def revoke(self, key_id: str, now: datetime) -> bool: ...

    def expire(self, key_id: str, ends: datetime) -> bool: ...

    def rotate(self, key_id: str, successor: KeyRecord, ends: datetime) -> bool: ...

    def every(self) -> Mapping[str, KeyRecord]:
        """All keys by id, oldest first. May run beside `follow`."""

    def follow(self) -> Mapping[str, KeyRecord]:
        """The same, for one thread at a time; made anew only when something changed since."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Read:
    """All keys as they were a moment ago, and until when that is good enough."""

    records: Mapping[str, KeyRecord]
    until: float


_NOTHING = _Read({}, float("-inf"))


def _to_nobody() -> None:
    """Nobody listens."""


class KeyStore:
    """Raises ProtectionUnavailable from every method when the place cannot be used: nobody gets in unchecked.

    `patience_s`: how many seconds `look_up` waits for another machine. `on_change` is called after each change that was made
    here, on the thread that made it; it must be quick, and must not raise. `ended` says of keys that they have ended, whatever
    stands in the place.
    """

    def __init__(
        self,
        place: Path | KeyPlace,
        *,
        refresh_s: float = 1.0,
        patience_s: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
        on_change: Callable[[], None] = _to_nobody,
        ended: Mapping[str, End] | None = None,
    ) -> None:
        self._on_change = on_change
        self._refresh_s = refresh_s
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._reader = ThreadPoolExecutor(1, "virtual-keys")
        self._read = _NOTHING
        self._ends = Ends(ended)
        with _typed():
            self._place = KeysInFile(place) if isinstance(place, Path) else place

    def add(self, record: KeyRecord) -> None:
        """Durable when it returns."""
        with _typed():
            self._place.insert(record)
        self._changed()

    def revoke(self, key_id: str, now: datetime) -> bool:
        """Void the key from now on; an earlier revocation keeps its time. False if there is no such key."""
        with _typed():
            done = self._place.revoke(key_id, now)
        self._changed()
        return done

    def expire(self, key_id: str, ends: datetime) -> bool:
        """Let the key end then, or earlier if it would anyway. False if there is no such key."""
        with _typed():
            done = self._place.expire(key_id, ends)
        self._changed()
        return done

    def rotate(self, key_id: str, successor: KeyRecord, ends: datetime) -> bool:
        """Add the successor and let the old key end, as one act. False if the old one is unknown, revoked or rotated."""
        with _typed():
            done = self._place.rotate(key_id, successor, ends)
        self._changed()
        return done

    def list(self) -> tuple[KeyRecord, ...]:
        """Every key ever issued, oldest first."""
        with _typed():
            return tuple(self._place.every().values())

    def find(self, key_id: str) -> KeyRecord | None:
        """The record of this key, at most `refresh_s` seconds old; a key that is new is found at once."""
        if found := self._young(key_id):
            return found
        with self._lock, _typed():
            return self._young(key_id) or self._refreshed().get(key_id)

    async def look_up(self, key_id: str) -> KeyRecord | None:
        """As `find`, for an event loop: another machine is asked in one thread of our own, and not waited for without end."""
        if not self._place.remote:
            return self.find(key_id)
        if found := self._young(key_id):
            return found
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.get_running_loop().run_in_executor(self._reader, self.find, key_id)
        except TimeoutError:
            raise ProtectionUnavailable("the key store did not answer in time") from None

    def look_again(self) -> None:
        """Something changed, says somebody: the next request reads anew. A reading under way may be older, and is not kept."""
        with self._lock:
            self._read = _NOTHING

    def close(self) -> None:
        """Let go of the place."""
        self._reader.shutdown(cancel_futures=True)
        with self._lock:
            self._read = _NOTHING
            self._place.close()

    def _changed(self) -> None:
        self.look_again()
        self._on_change()

    def _young(self, key_id: str) -> KeyRecord | None:
        read = self._read
        return read.records.get(key_id) if self._monotonic() < read.until else None

    def _refreshed(self) -> Mapping[str, KeyRecord]:
        """Whatever fails here, no old keys stay in use."""
        asked = self._monotonic()
        try:
            self._read = _Read(self._ends.kept(self._place.follow()), asked + self._refresh_s)
        except Exception:
            self._read = _NOTHING
            raise
        return self._read.records


def open_keys(
    path: Path,
    database: Database,
    on_change: Callable[[], None] = _to_nobody,
    ended: Mapping[str, End] | None = None,
) -> KeyStore:
    """In the database where gateways on several machines share one; beside SQLite, in a file of their own.

    Raises ProtectionUnavailable.
    """
    return KeyStore(KeysInTable(database) if database.kind == "postgres" else path, on_change=on_change, ended=ended)


def read_keys(path: Path, database: Database) -> Mapping[str, KeyRecord]:
    """All keys by id, for whoever only looks at them: nothing is made. Raises ProtectionUnavailable, also without a file."""
    with _typed():
        if database.kind == "postgres":
            return KeysInTable(database).every()
        with closing(KeyFile(path)) as file:
            return file.keys()


@contextmanager
def _typed() -> Iterator[None]:
    """Nothing of a database's own text travels: it may hold values."""
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError, AuditUnavailable, OSError, ValueError, TypeError):
        raise ProtectionUnavailable("the key store cannot be used") from None
