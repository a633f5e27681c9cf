"""Where documents come from: the collection that they lie in, and the file that somebody uploaded, where it was one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, select

from gateway.errors import AuditUnavailable, ProtectionUnavailable
from gateway.knowledge.uploads.shapes import is_over
from gateway.store.database import Database
from gateway.store.tables.knowledge import DOCUMENTS, STORE_FILES, STORES


@dataclass(frozen=True, slots=True)
class Origin:
    """`file` is None for what an operator added."""

    collection: str
    file: str | None = None


class Origins:
    """Raises ProtectionUnavailable."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    async def of(self, tenant: str, documents: Collection[str]) -> Mapping[str, Origin]:
        """By document; what was removed meanwhile is left out, and what lies in a vector store whose time is over."""
        return await asyncio.to_thread(self._of, tenant, list(documents)) if documents else {}

    def _of(self, tenant: str, documents: list[str]) -> Mapping[str, Origin]:
        told = select(DOCUMENTS.c.id, DOCUMENTS.c.collection, STORE_FILES.c.file, STORES.c.days, STORES.c.active_at)
        same = and_(STORE_FILES.c.store == DOCUMENTS.c.collection, STORE_FILES.c.document == DOCUMENTS.c.id)
        its = and_(STORES.c.id == DOCUMENTS.c.collection, STORES.c.tenant == DOCUMENTS.c.tenant)
        joined = told.outerjoin(STORE_FILES, same).outerjoin(STORES, its)
        own = joined.where(DOCUMENTS.c.tenant == tenant, DOCUMENTS.c.id.in_(documents))
        now = self._clock()
        try:
            with self._database.reading() as connection:
                return {
                    document: Origin(collection, file)
                    for document, collection, file, days, active_at in connection.execute(own)
                    if not is_over(days, active_at, now)
                }
        except AuditUnavailable:
            raise ProtectionUnavailable("Where documents come from cannot be read.") from None
