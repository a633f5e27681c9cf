"""How long the placeholders of documents last: as long as a document holds their value, and then no longer.

A value that stood in documents alone was said by nobody. Once the last of them is gone nothing tells any more who might see
it, so it is put back for nobody. Whoever says it meanwhile has it again, under the same placeholder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select, update

from gateway.errors import ProtectionUnavailable
from gateway.keys.data_key import TenantKey
from gateway.moments import written
from gateway.redaction.placeholders import SPELLED
from gateway.store.tables.knowledge import MENTIONS
from gateway.store.tables.vault import VAULT
from gateway.vault.drawer import drawer_of
from gateway.vault.moments import LASTING_S, moments

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


def retain(connection: Connection, owner: TenantKey, texts: Iterable[str], now: datetime) -> None:
    """What placeholders in these texts stand for lasts, also where it was let go since they were placed: the last other
    document may have gone while this one's vectors were made.

    Raises ProtectionUnavailable where one stands for nothing any more: its passages would be given to nobody, without a word.
    """
    numbers: dict[str, set[int]] = {}
    for text in texts:
        for found in SPELLED.finditer(text):
            numbers.setdefault(found[1], set()).add(int(found[2]))
    when, drawer = moments(now, LASTING_S), drawer_of(owner, "tenant")
    for entity, every in numbers.items():
        ordered = sorted(every)
        for at in range(0, len(ordered), _BATCH):
            some = VAULT.c.number.in_(ordered[at : at + _BATCH])
            own = (VAULT.c.drawer == drawer.id, VAULT.c.entity == entity, some)
            connection.execute(update(VAULT).where(*own, VAULT.c.expires_at < when.half).values(expires_at=when.end))
            if connection.execute(select(func.count()).where(*own)).scalar_one() < len(ordered[at : at + _BATCH]):
                raise ProtectionUnavailable("Values of a document were erased while it was added; add it again.")
