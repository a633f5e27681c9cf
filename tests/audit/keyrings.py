"""A keyring on a test's own database, under a master key in a file beside it."""

from __future__ import annotations

from pathlib import Path

from gateway.keys.key_source import KeyFile
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.store import Database
from tests.store.databases import sqlite_at


def keyring_on(database: Database, folder: Path) -> Keyring:
    return Keyring(database, LocalMaster(KeyFile(folder / "master.key")))


def keyring_beside(path: Path) -> Keyring:
    """For the database in this file of SQLite."""
    return keyring_on(sqlite_at(path), path.parent)
