"""SQLite that fails at a statement which a test names: a disk that is full, a file that cannot be written to any more."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.steps import is_counted

THREADS = ("audit-writer", "vault")
"""They work for requests, and take nobody's context along."""


class Failing:
    """Counts the statements of the record and of requests while `during` is open, and fails at one of them, or from it on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hit = False
        self._at = self._count = self._code = 0
        self._for_good = False
        self._connect = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", self._connected)

    @contextmanager
    def during(self, at: int, code: int, *, for_good: bool) -> Iterator[None]:
        """`code` is one of SQLite's."""
        self.hit, self._count, self._code, self._for_good, self._at = False, 0, code, for_good, at
        try:
            yield
        finally:
            self._at = 0

    def statement(self) -> None:
        """Raises sqlite3.OperationalError where it is time."""
        asked = is_counted() or threading.current_thread().name.startswith(THREADS)
        if not self._at or not asked:
            return
        self._count += 1
        if self._count == self._at or (self._for_good and self._count > self._at):
            self.hit = True
            error = sqlite3.OperationalError("as a test wants it")
            error.sqlite_errorcode, error.sqlite_errorname = self._code, "SQLITE_OF_A_TEST"
            raise error

    def _connected(self, *args: Any, **options: Any) -> sqlite3.Connection:
        failing = self

        class Cursor(sqlite3.Cursor):
            def execute(self, *args: Any) -> Any:
                failing.statement()
                return super().execute(*args)

            def executemany(self, *args: Any) -> Any:
                failing.statement()
                return super().executemany(*args)

        class Connection(sqlite3.Connection):
            def cursor(self, *_: Any) -> Any:
                return super().cursor(Cursor)

            def commit(self) -> None:
                if self.in_transaction:
                    failing.statement()
                super().commit()

        made: sqlite3.Connection = self._connect(*args, **{"factory": Connection, **options})
        return made
