"""A real Postgres that fails at a statement which a test names: its own errors, and connections that are gone."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
import pytest

from tests.support.failing_sqlite import THREADS
from tests.support.steps import is_counted

Connection: TypeAlias = psycopg.Connection[Any]
Fault: TypeAlias = Callable[[Connection, Callable[[], Any]], Any]
"""Is given a connection and what was to be done on it; raises the driver's error."""


def lost_before(connection: Connection, work: Callable[[], Any]) -> Any:
    """The server never heard of it."""
    _cut(connection)
    return work()


def lost_after(connection: Connection, work: Callable[[], Any]) -> Any:
    """The server has done it, and nobody was told."""
    work()
    _cut(connection)
    return connection.execute("SELECT 1")


def refused(sqlstate: str) -> Fault:
    """In place of it, the server answers with an error of this code, and its transaction is lost."""

    def refuse(connection: Connection, _: Callable[[], Any]) -> Any:
        return connection.execute(f"DO $$ BEGIN RAISE EXCEPTION 'as a test wants it' USING ERRCODE = '{sqlstate}'; END $$")

    return refuse


class Failing:
    """Counts what requests ask of the database, and the record for them, while `during` is open, and fails at one of these, or
    from it on.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hit = False
        self._at = self._count = 0
        self._for_good = False
        self._fault: Fault = lost_before
        self._inside = threading.local()
        for kind, name in ((psycopg.Cursor, "execute"), (psycopg.Cursor, "executemany"), (psycopg.Connection, "commit")):
            monkeypatch.setattr(kind, name, self._counted(getattr(kind, name)))

    @contextmanager
    def during(self, at: int, fault: Fault, *, for_good: bool = False) -> Iterator[None]:
        self.hit, self._count, self._fault, self._for_good, self._at = False, 0, fault, for_good, at
        try:
            yield
        finally:
            self._at = 0

    def _counted(self, ours: Callable[..., Any]) -> Callable[..., Any]:
        def counted(of: Any, *args: Any, **options: Any) -> Any:
            def work() -> Any:
                return ours(of, *args, **options)

            if not self._is_time():
                return work()
            self._inside.failing = True
            try:
                return self._fault(of if isinstance(of, psycopg.Connection) else of.connection, work)
            finally:
                self._inside.failing = False

        return counted

    def _is_time(self) -> bool:
        asked = is_counted() or threading.current_thread().name.startswith(THREADS)
        if not self._at or not asked or getattr(self._inside, "failing", False):
            return False
        self._count += 1
        due = self._count == self._at or (self._for_good and self._count > self._at)
        self.hit |= due
        return due


def _cut(connection: Connection) -> None:
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)
