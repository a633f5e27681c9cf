"""Kept content, sealed; the keys that open it; and whom it is about.

A data key seals one exchange's content or one subject's values. Content is erased by destroying its data key: `wrapped`
becomes empty and `destroyed_at` is set. A tenant's key is destroyed in the same way, and with it everything of the tenant.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from gateway.store.tables.base import METADATA

TENANT_KEYS = Table(
    "tenant_keys",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("wrapped", LargeBinary),
    Column("made_at", Text, nullable=False),
    Column("destroyed_at", Text),
)
"""`wrapped` is the tenant's key under the master key."""

DATA_KEYS = Table(
    "data_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("wrapped", LargeBinary),
    Column("made_at", Text, nullable=False),
    Column("destroyed_at", Text),
)
"""`wrapped` is the data key under the tenant's key."""

KEPT = Table(
    "kept",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("nr", Integer, primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
    Column("expires_at", Text),
    Index("kept_by_age", "tenant", "at"),
    Index("kept_by_expiry", "expires_at"),
    Index("kept_by_key", "key_id"),
)
"""`part` is request, reply, marks, passages or original; of originals an exchange has several, numbered by `nr` from 0.

`expires_at` is when policy, as it was when the exchange was recorded, has the content erased; empty for never.
"""

SUBJECTS = Table(
    "subjects",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Index("subjects_by_call", "call_id"),
)
"""Which exchanges a value occurs in: `tag` is an HMAC of the value under the tenant's key. `key_id` seals the value's originals
there; it is empty where none are kept. A row goes with the content that it leads to."""
