"""Who is named in clear in documents that older gateways kept: they did not note it where policy keeps a type."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from gateway.keys.data_key import TenantKey
from gateway.knowledge.chunk_names import chunk_name
from gateway.knowledge.library import searched
from gateway.knowledge.sealed import open_page
from gateway.knowledge.writing import mention
from gateway.store.tables.content import DATA_KEYS
from gateway.store.tables.knowledge import CHUNKS, DOCUMENTS


def texts_of(connection: Connection, owner: TenantKey, document: str) -> Mapping[int, str]:
    """All that each chunk of a document says, in order. Raises Unreadable."""
    columns = select(CHUNKS.c.id, CHUNKS.c.key_id, CHUNKS.c.sealed, DATA_KEYS.c.wrapped)
    own = columns.join(DATA_KEYS, DATA_KEYS.c.id == CHUNKS.c.key_id).where(CHUNKS.c.document == document)
    texts: dict[int, str] = {}
    for row in connection.execute(own.where(DATA_KEYS.c.wrapped.is_not(None)).order_by(CHUNKS.c.nr)):
        page = open_page(owner.data_key(row.key_id, bytes(row.wrapped)), row.id, bytes(row.sealed))
        texts[row.id] = searched(page.title, page.section, page.text)
    return texts


def mark_sought(connection: Connection, tenant: str, document: str, tags: Mapping[int, frozenset[bytes]]) -> None:
    """It is known now whom the document's chunks name. What went meanwhile is not noted."""
    connection.execute(update(DOCUMENTS).where(DOCUMENTS.c.id == document).values(unsought=None))
    left = connection.execute(select(CHUNKS.c.id).where(CHUNKS.c.document == document)).scalars().all()
    for chunk in left:
        mention(connection, tenant, chunk_name(chunk), tags.get(chunk, frozenset()))
