"""What an audit log is, whatever stores it: it takes entries, changes none, and says truthfully what is durable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from sqlalchemy import Table

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.moments import utc_now

_REFUSALS = (Outcome.DENIED, Outcome.REJECTED)


class Kind(StrEnum):
    """What an entry tells of: an exchange with a model, or an act upon the gateway itself."""

    EXCHANGE = "exchange"
    ACT = "act"


class Phase(StrEnum):
    """An exchange, or an act, is entered when it opens and when it completes; a refused one only when it completes."""

    OPENED = "opened"
    COMPLETED = "completed"


Row: TypeAlias = tuple[Table, Mapping[str, object]]
"""A row of another table, by its columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log. `at` is ISO 8601 in UTC; `body` is the record as JSON; `call_id` may be the id of an act.

    `beside` is written in the same transaction, or not at all: sealed content, and the keys that open it. `stranger`: the entry
    only says that somebody whom nobody knows was refused, and what. It is no part of what is written.
    """

    call_id: str
    phase: Phase
    at: str
    body: str = field(repr=False)
    kind: Kind = Kind.EXCHANGE
    beside: tuple[Row, ...] = field(default=(), repr=False)
    stranger: str | None = field(default=None, compare=False)


def entry_of(record: ExchangeRecord, phase: Phase, beside: tuple[Row, ...] = (), *, anonymous: bool = False) -> Entry:
    """`anonymous`: the caller showed no key, and came as the principal that policy has for all who show none."""
    opened = phase is Phase.OPENED or record.timings_ms.committed is not None or bool(beside)
    stranger = None if opened else _stranger(record, anonymous)
    return Entry(call_id=record.call_id, phase=phase, at=utc_now(), body=record.to_json(), beside=beside, stranger=stranger)


def _stranger(record: ExchangeRecord, anonymous: bool) -> str | None:
    if record.principal is None:
        return str(record.surface)
    refused = anonymous and record.outcome in _REFUSALS and record.error_code is not None
    return f"{record.surface} ({record.error_code})" if refused else None


class AuditLog(Protocol):
    """Append-only. The same entry, appended twice, is one entry."""

    @property
    def healthy(self) -> bool:
        """False after a write failed, until a write succeeds again."""

    async def append(self, entry: Entry) -> None:
        """Durable when it returns. Raises AuditUnavailable."""

    def append_soon(self, entry: Entry) -> None:
        """Durable within a moment; for an entry that nobody waits for. Never raises: a log that cannot write it is no
        longer healthy, and keeps it until it can.
        """

    async def close(self) -> None:
        """Write what waits, then stop. Later appends raise AuditUnavailable."""
