"""Virtual keys in a file of their own: for one machine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from gateway.identity.key_file import KeyFile, create, expire, insert, revoke, rotate
from gateway.identity.virtual_keys import KeyRecord


class KeysInFile:
    """A KeyPlace. Raises SQLite's errors, OSError, ValueError, TypeError or ProtectionUnavailable."""

    remote = False

    def __init__(self, path: Path) -> None:
        """Makes the file where there is none."""
        self._path = path
        self._file: KeyFile | None = None
        create(path)

    def insert(self, record: KeyRecord) -> None:
        insert(self._path, record)

    def revoke(self, key_id: str, now: datetime) -> bool:
        return revoke(self._path, key_id, now)

    def expire(self, key_id: str, ends: datetime) -> bool:
        return expire(self._path, key_id, ends)

    def rotate(self, key_id: str, successor: KeyRecord, ends: datetime) -> bool:
        return rotate(self._path, key_id, successor, ends)

    def every(self) -> Mapping[str, KeyRecord]:
        with closing(KeyFile(self._path)) as file:
            return file.keys()

    def follow(self) -> Mapping[str, KeyRecord]:
        """Whatever fails here, no old keys stay in use."""
        try:
            if self._file and not self._file.in_place():
                self.close()
            self._file = self._file or KeyFile(self._path)
            return self._file.keys()
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        if self._file:
            self._file.close()
        self._file = None
