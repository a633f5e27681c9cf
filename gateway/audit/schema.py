"""The schema of the audit file. `user_version` names it; a file with a newer one is left alone.

The triggers keep an honest program honest. That nobody edited the file is shown by signed checkpoints, not by triggers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from gateway.audit.ledger import adopt

VERSION = 3

# INSERT OR REPLACE deletes rows without firing the delete trigger, hence the third trigger
# (https://www.sqlite.org/lang_conflict.html).
_ENTRIES = (
    """CREATE TABLE entries (
         seq INTEGER PRIMARY KEY,
         call_id TEXT NOT NULL,
         phase TEXT NOT NULL CHECK (phase IN ('opened', 'completed')),
         at TEXT NOT NULL,
         body TEXT NOT NULL,
         UNIQUE (call_id, phase))""",
    """CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER entries_never_yield BEFORE INSERT ON entries
         WHEN EXISTS (SELECT 1 FROM entries
                      WHERE seq = NEW.seq OR (call_id = NEW.call_id AND phase = NEW.phase))
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
# Acts are few among many exchanges: the index finds them, and costs an exchange nothing.
# A view has one row for each id: its completion where there is one, else its opening, which says `incomplete` or `intended`.
_ACTS = (
    """ALTER TABLE entries ADD COLUMN
         kind TEXT NOT NULL DEFAULT 'exchange' CHECK (kind IN ('exchange', 'act'))""",
    "CREATE INDEX entries_of_acts ON entries (kind, seq) WHERE kind = 'act'",
    "DROP VIEW IF EXISTS exchanges",
    """CREATE VIEW exchanges AS
         SELECT head.seq AS seq, head.call_id AS call_id,
                json_extract(coalesce(tail.body, head.body), '$.opened_at') AS opened_at, tail.at AS completed_at,
                json_extract(coalesce(tail.body, head.body), '$.tenant') AS tenant,
                json_extract(coalesce(tail.body, head.body), '$.principal') AS principal,
                json_extract(coalesce(tail.body, head.body), '$.model') AS model,
                json_extract(coalesce(tail.body, head.body), '$.outcome') AS outcome,
                json_extract(coalesce(tail.body, head.body), '$.status') AS status,
                json_extract(coalesce(tail.body, head.body), '$.error_code') AS error_code,
                coalesce(tail.body, head.body) AS body
         FROM entries AS head
         LEFT JOIN entries AS tail ON tail.call_id = head.call_id AND tail.phase = 'completed'
         WHERE head.kind = 'exchange'
           AND (head.phase = 'opened'
                OR NOT EXISTS (SELECT 1 FROM entries AS o WHERE o.call_id = head.call_id AND o.phase = 'opened'))""",
    """CREATE VIEW acts AS
         SELECT head.seq AS seq, head.call_id AS act_id, head.at AS at, tail.at AS ended_at,
                json_extract(head.body, '$.actor') AS actor,
                json_extract(head.body, '$.action') AS action,
                json_extract(head.body, '$.tenant') AS tenant,
                json_extract(head.body, '$.target') AS target,
                json_extract(coalesce(tail.body, head.body), '$.outcome') AS outcome,
                coalesce(tail.body, head.body) AS body
         FROM entries AS head
         LEFT JOIN entries AS tail ON tail.call_id = head.call_id AND tail.phase = 'completed'
         WHERE head.kind = 'act'
           AND (head.phase = 'opened'
                OR NOT EXISTS (SELECT 1 FROM entries AS o WHERE o.call_id = head.call_id AND o.phase = 'opened'))""",
)
# `nodes` are the nodes of the tree that a leaf completes, itself first, 32 bytes each; `idx` counts leaves from 0. An entry
# comes with the number behind the last leaf: an older gateway beside us, which knows no leaves, can enter nothing. To erase the
# content of an entry is to empty its body and its salt together, while the triggers are down, in one transaction.
_LEAVES = (
    """CREATE TABLE leaves (
         seq INTEGER PRIMARY KEY,
         idx INTEGER NOT NULL,
         salt BLOB,
         commitment BLOB NOT NULL,
         nodes BLOB NOT NULL)""",
    """CREATE TRIGGER leaves_never_change BEFORE UPDATE ON leaves
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER leaves_never_go BEFORE DELETE ON leaves
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER leaves_come_in_order BEFORE INSERT ON leaves
         WHEN NEW.seq <= (SELECT max(seq) FROM leaves)
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "DROP TRIGGER entries_never_yield",
    """CREATE TRIGGER entries_come_with_leaves BEFORE INSERT ON entries
         WHEN NEW.seq IS NOT coalesce((SELECT max(seq) FROM leaves), 0) + 1
           OR EXISTS (SELECT 1 FROM entries WHERE call_id = NEW.call_id AND phase = NEW.phase)
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TABLE checkpoints (
         size INTEGER PRIMARY KEY,
         at TEXT NOT NULL,
         note TEXT NOT NULL)""",
    """CREATE TRIGGER checkpoints_never_change BEFORE UPDATE ON checkpoints
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER checkpoints_never_go BEFORE DELETE ON checkpoints
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER checkpoints_come_in_order BEFORE INSERT ON checkpoints
         WHEN NEW.size <= (SELECT max(size) FROM checkpoints)
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "CREATE TABLE verifier_keys (vkey TEXT PRIMARY KEY, at TEXT NOT NULL)",
    """CREATE TRIGGER verifier_keys_never_change BEFORE UPDATE ON verifier_keys
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER verifier_keys_never_go BEFORE DELETE ON verifier_keys
         BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
_STEPS = (_ENTRIES, _ACTS, _LEAVES)
"""What leads from each version of the schema to the next; a new file takes them all."""


class UnknownSchemaError(Exception):
    """The file is not an audit log, or one that a newer gateway wrote."""


def ensure_schema(connection: sqlite3.Connection) -> None:
    """Create the schema in an empty file, bring an older one up to date: what was entered stays as it is, and gets leaves.

    Raises UnknownSchemaError for a file that holds something else.
    """
    with transaction(connection):
        version = _version(connection)
        if version > VERSION or (version == 0 and _tables(connection)):
            raise UnknownSchemaError(f"the file has schema version {version}, this gateway writes version {VERSION}")
        if version < VERSION:
            for statement in chain.from_iterable(_STEPS[version:]):
                connection.execute(statement)
            adopt(connection)
            stamp(connection)


def stamp(connection: sqlite3.Connection) -> None:
    """Write the version: always a page, also when it stays the same."""
    connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that takes the write lock at once, so that it cannot fail half-way for lack of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite rolls back by itself after a full disk or an I/O error
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _tables(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
