"""Which values an answer may name although nobody spoke of them in its exchange: not those that only others' documents hold.

In the vault's scope `tenant` an answer that says `<PERSON_7>` gets the tenant's value of that name put back, and documents
share that drawer. So whose value it is has to be asked before it is given: a person in documents is for those who may see one
of these.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from gateway.errors import AuditUnavailable, ProtectionUnavailable
from gateway.exchange import Exchange
from gateway.grounding.sources import rights_of
from gateway.keys.data_key import TenantKey
from gateway.knowledge.release import is_lasting
from gateway.knowledge.shelves import read_labels
from gateway.obligations import GroundingTerms
from gateway.redaction.placeholders import Key
from gateway.store.database import Database
from gateway.store.tables.knowledge import CHUNKS, MENTIONS, SHELVES
from gateway.store.tables.vault import VAULT


class Nameable:
    """Raises ProtectionUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, exchange: Exchange, owner: TenantKey, values: Mapping[Key, str]) -> Mapping[Key, str]:
        """Those of the values that no document holds, or one that the caller may see. Several may have one tag: `BEN WEBER` and
        `Ben Weber` are one person, and have two placeholders.
        """
        if exchange.principal is None or not values:
            return {}
        tags = {key: owner.tag(value) for key, value in values.items()}
        places = await asyncio.to_thread(self._places, owner.tenant, sorted(set(tags.values())))
        terms = exchange.obligations.grounding
        rights = rights_of(exchange.principal, terms or GroundingTerms())
        hidden = {tag for tag, own in places.items() if not any(_is_seen(one, terms, rights) for one in own)}
        return {key: value for key, value in values.items() if tags[key] not in hidden}

    def _places(self, tenant: str, tags: Sequence[bytes]) -> Mapping[bytes, set[tuple[str, str]]]:
        """Collection and labels of every shelf with a document that a value stands in; none for what a document put into the
        vault and none holds: one that is being read, or whose reading was cut short.
        """
        shelves = (
            select(MENTIONS.c.tag, SHELVES.c.collection, SHELVES.c.labels)
            .join(CHUNKS, CHUNKS.c.id == MENTIONS.c.chunk)
            .join(SHELVES, SHELVES.c.id == CHUNKS.c.shelf)
            .where(MENTIONS.c.tenant == tenant, MENTIONS.c.tag.in_(tags))
            .distinct()
        )
        own = (VAULT.c.tenant == tenant, VAULT.c.subject.in_(tags), is_lasting(datetime.now(UTC)))
        found: dict[bytes, set[tuple[str, str]]] = {}
        try:
            with self._database.reading() as connection:
                for tag in connection.execute(select(VAULT.c.subject).where(*own)).scalars():
                    found[bytes(tag)] = set()
                for tag, collection, labels in connection.execute(shelves):
                    found.setdefault(bytes(tag), set()).add((collection, labels))
        except AuditUnavailable:
            raise ProtectionUnavailable("Whose documents hold a value cannot be read.") from None
        return found


def _is_seen(shelf: tuple[str, str], terms: GroundingTerms | None, rights: frozenset[str]) -> bool:
    collection, labels = shelf
    granted = terms is not None and (terms.collections is None or collection in terms.collections)
    return granted and read_labels(labels) <= rights
