"""What is entered stays: the triggers, in both dialects."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.errors import AuditUnavailable
from gateway.store import Database
from tests.audit.logs import Log, log_in, signed_log, values


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return signed_log(Log(database, tmp_path), 2)


EDITS = [
    "UPDATE entries SET body = 'x'",
    "DELETE FROM entries",
    "UPDATE leaves SET salt = NULL",
    "DELETE FROM leaves",
    "UPDATE checkpoints SET note = ''",
    "DELETE FROM checkpoints",
    "UPDATE verifier_keys SET vkey = ''",
    "DELETE FROM verifier_keys",
    "INSERT INTO checkpoints VALUES (1, 't', 'n')",
    "INSERT INTO leaves VALUES (1, 9, NULL, NULL, NULL)",
    # Entries without a leaf, as an older gateway writes them.
    "INSERT INTO entries (seq, call_id, phase, at, body) VALUES (9, 'x', 'opened', 't', '{}')",
    "INSERT INTO entries (seq, call_id, phase, at, body, kind) VALUES (9, 'x', 'opened', 't', '{}', 'exchange')",
]


@pytest.mark.parametrize("edit", EDITS)
def test_nothing_is_changed_removed_or_slipped_in(log: Log, edit: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), log.database.connect() as connection:
        connection.exec_driver_sql(edit)
    assert values(log, "SELECT call_id FROM entries ORDER BY seq") == ["c0", "c1"]


@pytest.mark.parametrize(
    "edit",
    [
        "INSERT OR REPLACE INTO leaves SELECT * FROM leaves WHERE seq = 1",
        "INSERT OR REPLACE INTO checkpoints SELECT * FROM checkpoints",
        "INSERT OR REPLACE INTO entries (call_id, phase, at, body) VALUES ('c0', 'opened', 't', 'x')",
        "REPLACE INTO entries (seq, call_id, phase, at, body) VALUES (1, 'b', 'opened', 't', 'x')",
        "INSERT INTO entries (call_id, phase, at, body) VALUES ('x', 'opened', 't', '{}')",
    ],
)
@pytest.mark.parametrize("size", [1, 0])
def test_not_even_as_sqlite_can(tmp_path: Path, edit: str, size: int) -> None:
    """REPLACE deletes without the delete trigger (https://www.sqlite.org/lang_conflict.html)."""
    path = tmp_path / "audit.sqlite"
    log = signed_log(log_in(path), *([size] if size else []))
    before = values(log, "SELECT body FROM entries")
    with closing(sqlite3.connect(path)) as other:
        if size or "SELECT" not in edit:
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                other.execute(edit)
    assert values(log, "SELECT body FROM entries") == before


@pytest.mark.parametrize("table", ["entries", "leaves", "checkpoints", "verifier_keys"])
def test_postgres_truncates_nothing(log: Log, table: str) -> None:
    if log.database.kind == "sqlite":
        return  # it has no TRUNCATE
    with pytest.raises(AuditUnavailable), log.database.writing() as connection:
        connection.exec_driver_sql(f"TRUNCATE {table}")
    assert values(log, f"SELECT count(*) FROM {table}")[0] > 0
