"""Work that must be finished once it is begun, and work that one of several gateways does now and then."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from gateway.store.tables.base import METADATA

ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("begun_at", Text, nullable=False),
    Column("exchanges", Integer, nullable=False, server_default="0"),
    Column("data_keys", Integer, nullable=False, server_default="0"),
    Column("elsewhere", Integer, nullable=False, server_default="0"),
    Column("finished_at", Text),
    Column("certificate", Text),
    Index("erasures_by_subject", "tenant", "tags"),
)
"""Erasures on request: `tags` are those of the subject, in hex, in order, with commas; empty where a whole tenant is erased.

What was counted is written in the transaction that erased it: an erasure that was cut short is finished, not begun anew.
"""

ROUNDS = Table("rounds", METADATA, Column("name", Text, primary_key=True), Column("begun_at", Text, nullable=False))
"""When a periodic piece of work was last begun, by whichever gateway: the others leave it alone for that period."""
