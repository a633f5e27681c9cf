"""The record: entries, and the Merkle tree over them."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from gateway.store.tables.base import METADATA

# An INTEGER PRIMARY KEY is SQLite's own row number; in Postgres the same column holds 64 bits.
_BIG = BigInteger().with_variant(Integer, "sqlite")

ENTRIES = Table(
    "entries",
    METADATA,
    Column("seq", _BIG, primary_key=True, autoincrement=False),
    Column("call_id", Text, nullable=False),
    Column("phase", Text, CheckConstraint("phase IN ('opened', 'completed')"), nullable=False),
    Column("at", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("kind", Text, CheckConstraint("kind IN ('exchange', 'act')"), nullable=False, server_default="exchange"),
    UniqueConstraint("call_id", "phase"),
)
LEAVES = Table(
    "leaves",
    METADATA,
    Column("seq", _BIG, primary_key=True, autoincrement=False),
    Column("idx", _BIG, nullable=False),
    Column("salt", LargeBinary),
    Column("commitment", LargeBinary, nullable=False),
    Column("nodes", LargeBinary, nullable=False),
)
CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("size", _BIG, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("note", Text, nullable=False),
)
VERIFIER_KEYS = Table("verifier_keys", METADATA, Column("vkey", Text, primary_key=True), Column("at", Text, nullable=False))

Index(
    "entries_of_acts",
    ENTRIES.c.kind,
    ENTRIES.c.seq,
    sqlite_where=ENTRIES.c.kind == "act",
    postgresql_where=ENTRIES.c.kind == "act",
)
