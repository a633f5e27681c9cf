"""The vault: placeholders that outlive an exchange, and items of answers that may be named in a later one; sealed.

A drawer is a conversation, a principal or a tenant, by a keyed hash. What lies in one is looked up there and nowhere else.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from gateway.store.tables.base import METADATA

VAULT = Table(
    "vault",
    METADATA,
    Column("drawer", LargeBinary, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("tag", LargeBinary, nullable=False),
    Column("nth", Integer, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Text, nullable=False),
    UniqueConstraint("drawer", "tag", "nth"),
    Index("vault_by_key", "key_id", unique=True),
    Index("vault_by_subject", "tenant", "subject"),
    Index("vault_by_expiry", "expires_at"),
)
"""`tag` is an HMAC of the value in this drawer, by which it is found again; `subject` the tag by which a person is found, as in
SUBJECTS. `sealed` is the value, under a data key of its own. A value has a second placeholder (`nth` 1) only where somebody
typed its first."""

VAULT_NUMBERS = Table(
    "vault_numbers",
    METADATA,
    Column("drawer", LargeBinary, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("last", Integer, nullable=False),
    Column("expires_at", Text, nullable=False),
    Index("vault_numbers_by_tenant", "tenant"),
    Index("vault_numbers_by_expiry", "expires_at"),
)
"""The last number that was given out. It outlives the values: a number that came again would stand for somebody else in what a
backend remembers."""

VAULT_ANSWERS = Table(
    "vault_answers",
    METADATA,
    Column("answer", LargeBinary, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("drawer", LargeBinary, nullable=False),
    Column("expires_at", Text, nullable=False),
    Index("vault_answers_by_tenant", "tenant"),
    Index("vault_answers_by_expiry", "expires_at"),
)
"""The drawer of the conversation that an answer of a backend belongs to; `answer` is a keyed hash of its id."""

VAULT_ITEMS = Table(
    "vault_items",
    METADATA,
    Column("item", LargeBinary, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Text, nullable=False),
    Index("vault_items_by_key", "key_id", unique=True),
    Index("vault_items_by_tenant", "tenant"),
    Index("vault_items_by_expiry", "expires_at"),
)
"""An item of an answer as its caller got it, under a data key of its own; `item` is a keyed hash of its id and of whose it is.
`sealed` is empty where a backend gave one id to two items: then it names neither."""

VAULT_MENTIONS = Table(
    "vault_mentions",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    Column("item", LargeBinary, primary_key=True),
    Index("vault_mentions_by_item", "item"),
)
"""Whom an item mentions, by tags as in SUBJECTS. A row goes with its item."""
