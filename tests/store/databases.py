"""Fresh databases for tests: SQLite always, Postgres where a test asks for both.

A room's tests take the fixtures over by importing them in their `conftest.py`, or in the file itself.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest

from gateway.store import Database, open_database
from tests.store.postgres import Server, running


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path.absolute()}"


@cache
def _up_to_date() -> bytes:
    """A SQLite database of the newest schema: to copy it takes less time than the migrations."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "database.sqlite"
        open_database(sqlite_url(path)).close()
        return path.read_bytes()


def lay_sqlite(path: Path) -> None:
    """Makes the file, as a gateway would leave it that started and stopped; leaves what is there."""
    if path.parent.is_dir() and not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_up_to_date())


def sqlite_at(path: Path) -> Database:
    """The database in this file, made if it is not there."""
    lay_sqlite(path)
    return open_database(sqlite_url(path))


@contextmanager
def calm(path: Path) -> Iterator[Callable[[], None]]:
    """A file that somebody has open, as a gateway's record does all the time. Call it: what was written is ten seconds old."""

    def age() -> None:
        for file in (path, path.with_name(f"{path.name}-wal")):
            then = file.stat().st_mtime_ns - 10_000_000_000
            os.utime(file, ns=(then, then))

    with closing(sqlite3.connect(path)) as holder:
        holder.execute("SELECT count(*) FROM entries").fetchone()
        yield age


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for the session; each test has a database of its own."""
    with running() as server:
        yield server


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    database = sqlite_at(tmp_path / "audit.sqlite")
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database that is up to date."""
    if request.param == "sqlite":
        lay_sqlite(tmp_path / "audit.sqlite")
        yield sqlite_url(tmp_path / "audit.sqlite")
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, in SQLite and in Postgres by turns."""
    opened = open_database(database_url)
    yield opened
    opened.close()
