"""How long the placeholders of documents last: as long as a document holds their value, and then no longer.

A value that stood in documents alone was said by nobody. Once the last of them is gone nothing tells any more who might see
it, so it is put back for nobody. Whoever says it meanwhile has it again, under the same placeholder.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select, update

from gateway.moments import written
from gateway.store.tables.knowledge import MENTIONS
from gateway.store.tables.vault import VAULT
from gateway.vault.moments import LASTING_S

_PLACED_BY_A_DOCUMENT = timedelta(seconds=LASTING_S / 5)
"""So long nobody keeps what a request said."""
_BATCH = 500


def is_lasting(now: datetime) -> ColumnElement[bool]:
    """Of a row of the vault: that a document put it there, or is about to."""
    return VAULT.c.expires_at > written(now + _PLACED_BY_A_DOCUMENT)


def release(connection: Connection, tenant: str, tags: Collection[bytes], now: datetime) -> None:
    """`tags` are of chunks that were dropped: those that no other chunk has are let go."""
    ordered = sorted(tags)
    for at in range(0, len(ordered), _BATCH):
        some = ordered[at : at + _BATCH]
        still = select(MENTIONS.c.tag).distinct().where(MENTIONS.c.tenant == tenant, MENTIONS.c.tag.in_(some))
        gone = sorted(set(some) - {bytes(tag) for tag in connection.execute(still).scalars()})
        own = (VAULT.c.tenant == tenant, VAULT.c.subject.in_(gone), is_lasting(now))
        connection.execute(update(VAULT).where(*own).values(expires_at=written(now)))
