from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store import Database, open_database
from tests.assurance.kept import House
from tests.store.databases import database_url, postgres

__all__ = ["database_url", "postgres"]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A gateway's database, in SQLite and in Postgres by turns."""
    with closing(open_database(database_url)) as database:
        yield House(database, tmp_path)


@pytest.fixture
def small_house(tmp_path: Path) -> Iterator[House]:
    """The same in SQLite alone."""
    database: Database = open_database(f"sqlite:///{tmp_path / 'audit.sqlite'}")
    with closing(database):
        yield House(database, tmp_path)
