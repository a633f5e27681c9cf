"""Virtual keys that several gateways share. One installation on SQLite keeps its keys in a file of their own instead."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from gateway.store.tables.base import METADATA

VIRTUAL_KEYS = Table(
    "virtual_keys",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("expires", Text),
    Column("revoked", Text),
    Column("rotated_to", Text),
)
"""Times are UTC, in seconds, all of one length, so that they compare as texts do."""

KEY_CHANGES = Table(
    "key_changes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mark", Text, nullable=False),
)
"""One row, with id 1: a random word that every change of a key replaces, so that nobody reads all keys to find nothing new."""
