"""The explorer's index: derived from the log, so that it may be emptied at any time and is then made anew.

It stands beside the log and not in it: these rows change, may be deleted, and prove nothing.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, Table, Text

from gateway.store.tables.base import METADATA

_BIG = BigInteger().with_variant(Integer, "sqlite")

INDEX_MARK = Table(
    "index_mark",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("seq", _BIG, nullable=False),
)
"""One row, with id 1: in which form the index is, and the last entry that was read (below 0: the index is being emptied)."""

INDEX_EXCHANGES = Table(
    "index_exchanges",
    METADATA,
    Column("seq", _BIG, primary_key=True, autoincrement=False),
    Column("call_id", Text, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("completed_at", Text),
    Column("tenant", Text),
    Column("team", Text),
    Column("principal", Text),
    Column("surface", Text),
    Column("model", Text),
    Column("deployment", Text),
    Column("outcome", Text, nullable=False),
    Column("allow", Boolean),
    Column("rule", Text),
    Column("policy_version", Text),
    Column("status", Integer),
    Column("error_code", Text),
    Column("stream", Boolean, nullable=False),
    Column("cache", Text),
    Column("conversation", Text),
    Column("duration_ms", Double),
    Column("first_event_ms", Double),
    Column("input_tokens", _BIG),
    Column("output_tokens", _BIG),
    Column("cost", _BIG),
    Column("version", Text),
    Column("external", Boolean),
    Column("busy_ms", Double),
    Column("tokens_from", Text),
    Column("readable", Boolean, nullable=False),
    Column("found", Text, nullable=False),
    Index("index_exchanges_by_call", "call_id", unique=True),
)
"""`found` is JSON: [[entity, operator, count], ...]."""

INDEX_TERMS = Table(
    "index_terms",
    METADATA,
    Column("term", _BIG, primary_key=True, autoincrement=False),
    Column("seq", _BIG, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""An inverted index: `term` stands for a field and its value (`gateway.explorer.index.terms`), `seq` for an exchange that has
it. Any filter is one range of it, in the order of the log, and filters together are where their ranges meet."""

INDEX_HOURS = Table(
    "index_hours",
    METADATA,
    Column("hour", Text, primary_key=True),
    Column("first_seq", _BIG, nullable=False),
    Column("last_seq", _BIG, nullable=False),
)
"""Where the exchanges that opened in an hour (`2026-11-22T10`, UTC) stand in the log."""

INDEX_SUMS = Table(
    "index_sums",
    METADATA,
    Column("measure", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("grain", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("detail", Text, primary_key=True),
    Column("number", _BIG, nullable=False),
    Column("input_tokens", _BIG, nullable=False),
    Column("output_tokens", _BIG, nullable=False),
    Column("cost", _BIG, nullable=False),
    sqlite_with_rowid=False,
)
"""Exchanges (or findings) counted by one property at a time, by hour and by day; `scope` is a tenant, or all exchanges.

All properties at once would be as many rows as there are exchanges: hours x tenants x models x rules and so on."""
