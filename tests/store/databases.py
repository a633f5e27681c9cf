"""Fresh databases for tests: SQLite always, Postgres where a test asks for both.

A room's tests take the fixtures over by importing them in their `conftest.py`, or in the file itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store import Database, open_database
from tests.store.postgres import Server, running


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path.absolute()}"


def sqlite_at(path: Path) -> Database:
    """The database in this file, made if it is not there."""
    return open_database(sqlite_url(path))


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
    """The URL of a fresh database: SQLite's file is not there yet, that of Postgres is up to date."""
    if request.param == "sqlite":
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
