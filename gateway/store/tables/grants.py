"""Break-glass: leave to see originals, asked for by one officer and given by another."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from gateway.store.tables.base import METADATA

GRANTS = Table(
    "grants",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("given_by", Text),
    Column("given_at", Text),
    Column("ends_at", Text),
    Column("refused_by", Text),
    Column("seal", LargeBinary),
    Index("grants_by_call", "call_id"),
)
"""`seal` is an HMAC of all the rest under the tenant's key, made when leave is asked for, and anew when it is given: who has
the database alone gives none, and nobody is shown another request than was made."""
