"""How far the log has come, and what is signed of it: a document that counts out of the record names it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from sqlalchemy import func, select

from gateway.audit.rows import StoredLog, opened
from gateway.audit.verify import read_checkpoint
from gateway.store.database import Database
from gateway.store.tables.ledger import ENTRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The newest checkpoint: the log's name, how many entries lie under it, and its root in base64, as the note has it."""

    origin: str
    size: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """`first_at` is the time of the first entry (ISO 8601, UTC); None of an empty log."""

    entries: int
    first_at: str | None
    signed: Signed | None


def log_state(database: Database) -> LogState:
    """Raises AuditUnavailable, and NotVerified for a checkpoint that is none."""
    with opened(database) as log:
        first = log.connection.execute(select(func.min(ENTRIES.c.at))).scalar_one()
        return LogState(entries=log.size, first_at=first, signed=signed(log))


def signed(log: StoredLog) -> Signed | None:
    """What was signed last. Raises NotVerified."""
    size, note = log.newest()
    if not size:
        return None
    checkpoint = read_checkpoint(note, "the newest checkpoint")
    return Signed(origin=checkpoint.origin, size=checkpoint.size, root=base64.b64encode(checkpoint.root).decode())
