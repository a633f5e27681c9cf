"""Audit files as gateways wrote them before there were revisions: the statements of their time, word for word."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

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
_OLD = "INSERT INTO entries (seq, call_id, phase, at, body) VALUES (?, ?, 'opened', '2026-01-02T03:04:05.678Z', '{}')"


def old_file(path: Path, version: int, seqs: Sequence[int] = ()) -> None:
    """With these entries; of version 3, which has leaves, only an empty one."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statement in (one for step in _STEPS[:version] for one in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.executemany(_OLD, [(seq, f"old-{seq}") for seq in seqs])
        connection.commit()
