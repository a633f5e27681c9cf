"""Lets values go that no document holds any more: their placeholders, which were to last, age like any other from then on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from gateway.moments import written
from gateway.obligations import PseudonymTerms
from gateway.store.tables.knowledge import MENTIONS
from gateway.store.tables.vault import VAULT

_BATCH = 500


def release(connection: Connection, tenant: str, tags: Collection[bytes], now: datetime) -> None:
    """`tags` are of chunks that were dropped."""
    end = written(now + timedelta(seconds=PseudonymTerms().ttl_s))
    ordered = sorted(tags)
    for at in range(0, len(ordered), _BATCH):
        some = ordered[at : at + _BATCH]
        still = select(MENTIONS.c.tag).distinct().where(MENTIONS.c.tenant == tenant, MENTIONS.c.tag.in_(some))
        gone = sorted(set(some) - {bytes(tag) for tag in connection.execute(still).scalars()})
        old = (VAULT.c.tenant == tenant, VAULT.c.subject.in_(gone), VAULT.c.expires_at > end)
        connection.execute(update(VAULT).where(*old).values(expires_at=end))
