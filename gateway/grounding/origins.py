"""Where documents come from: the collection that they lie in, and the file that somebody uploaded, where it was one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, select

from gateway.errors import AuditUnavailable, ProtectionUnavailable
from gateway.store.database import Database
from gateway.store.tables.knowledge import DOCUMENTS, STORE_FILES


@dataclass(frozen=True, slots=True)
class Origin:
    """`file` is None for what an operator added."""

    collection: str
    file: str | None = None


class Origins:
    """Raises ProtectionUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, tenant: str, documents: Collection[str]) -> Mapping[str, Origin]:
        """By document; what was removed meanwhile is left out."""
        return await asyncio.to_thread(self._of, tenant, list(documents)) if documents else {}

    def _of(self, tenant: str, documents: list[str]) -> Mapping[str, Origin]:
        told = select(DOCUMENTS.c.id, DOCUMENTS.c.collection, STORE_FILES.c.file)
        same = and_(STORE_FILES.c.store == DOCUMENTS.c.collection, STORE_FILES.c.document == DOCUMENTS.c.id)
        joined = told.outerjoin(STORE_FILES, same)
        own = joined.where(DOCUMENTS.c.tenant == tenant, DOCUMENTS.c.id.in_(documents))
        try:
            with self._database.reading() as connection:
                return {document: Origin(collection, file) for document, collection, file in connection.execute(own)}
        except AuditUnavailable:
            raise ProtectionUnavailable("Where documents come from cannot be read.") from None
