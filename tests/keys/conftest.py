"""A keyring over each database, under a master key in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.keys.key_source import KeyFile
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.store import Database
from tests.store.databases import database, database_url, postgres, sqlite

__all__ = ["database", "database_url", "postgres", "sqlite"]


@pytest.fixture
def source(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "master.key")


@pytest.fixture
def master(source: KeyFile) -> LocalMaster:
    return LocalMaster(source)


@pytest.fixture
def keyring(database: Database, master: LocalMaster) -> Keyring:
    return Keyring(database, master)
