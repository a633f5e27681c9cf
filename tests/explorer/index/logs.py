"""Small logs for the index, written past the gateway: it reads entries, not the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import insert, select

from gateway.explorer.index.index import Index
from gateway.explorer.index.reading import LoggedEntry, told_by
from gateway.explorer.index.row import Row
from gateway.explorer.index.sums import Amounts, Key
from gateway.store import Database
from gateway.store.tables.index import INDEX_SUMS
from gateway.store.tables.ledger import ENTRIES, LEAVES


def body(number: int, **fields: Any) -> dict[str, Any]:
    """The record of an exchange, minute by minute."""
    return {
        "call_id": f"c{number}",
        "surface": "chat/completions",
        "opened_at": moment(number),
        "outcome": "incomplete",
        "tenant": "acme",
        "decision": {"allow": True, "rule": "tenants.acme", "policy_version": "v1"},
        "findings": [],
        "usage": {"input_tokens": None, "output_tokens": None},
        "timings_ms": {},
    } | fields


def moment(minute: int) -> str:
    days, rest = divmod(minute, 24 * 60)
    return f"2026-03-{1 + days:02}T{rest // 60:02}:{rest % 60:02}:00.000Z"


def opened(number: int, **fields: Any) -> LoggedEntry:
    return LoggedEntry(0, f"c{number}", "opened", moment(number), orjson.dumps(body(number, **fields)).decode())


def ended(number: int, outcome: str = "completed", **fields: Any) -> LoggedEntry:
    told = body(number, **{"outcome": outcome, "status": 200, "timings_ms": {"first_event": 80.0, "total": 900.0}} | fields)
    return LoggedEntry(0, f"c{number}", "completed", moment(number), orjson.dumps(told).decode())


def write(database: Database, entries: Iterable[LoggedEntry], kind: str = "exchange") -> None:
    """Behind what is there."""
    with database.writing() as connection:
        last = connection.execute(select(ENTRIES.c.seq).order_by(ENTRIES.c.seq.desc()).limit(1)).scalar() or 0
        numbered = [entry._asdict() | {"seq": seq, "kind": kind} for seq, entry in enumerate(entries, last + 1)]
        bare = {"salt": b"", "commitment": b"", "nodes": b""}
        connection.execute(insert(LEAVES), [{"seq": one["seq"], "idx": one["seq"] - 1} | bare for one in numbered])
        connection.execute(insert(ENTRIES), numbered)


def follow_all(index: Index, limit: int = 500) -> None:
    while index.follow(limit):
        pass


def rows(entries: Iterable[LoggedEntry]) -> tuple[Row, ...]:
    """What an index of these entries, from the first on, should hold."""
    return tuple(one.row for one in told_by(entry._replace(seq=seq) for seq, entry in enumerate(entries, 1)))


def sums(database: Database) -> Mapping[Key, Amounts]:
    """Those that are not 0."""
    with database.reading() as connection:
        found = connection.execute(select(INDEX_SUMS)).all()
    return {Key(*one[:6]): Amounts(*one[6:]) for one in found if any(one[6:])}
