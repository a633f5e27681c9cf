"""What the pages read, in threads: a database may keep a reader waiting, and the gateway has others to serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from gateway.audit.kept import read_content
from gateway.errors import ProtectionUnavailable
from gateway.exchange.content import Content
from gateway.explorer.acts import ActFilters, ActPage, find_acts
from gateway.explorer.case import Case, read_case, read_proof
from gateway.explorer.index.filters import Cursor, Filters, Page
from gateway.explorer.index.index import Index
from gateway.explorer.index.row import Row
from gateway.explorer.index.search import Texts
from gateway.explorer.readers import Readers
from gateway.keys.keyring import Keyring
from gateway.protocol.text_slots import read_slots
from gateway.store.database import Database

_CATCH_UP_S = 0.1
"""How long a page may read the log into the index before it looks: what happened a moment ago is there."""

_T = TypeVar("_T")


def texts_by(keyring: Keyring) -> Texts:
    """Opens what is kept of a call, for a search in content; None where nothing is, or it cannot be opened."""

    def texts(connection: Connection, row: Row) -> Sequence[str] | None:
        if row.tenant is None:
            return None
        try:
            content = read_content(connection, keyring, row.call_id, row.tenant)
        except ProtectionUnavailable:
            return None
        if content.request is None and content.reply is None:
            return None
        return [*(slot.raw for slot in read_slots(content.request or {})), content.reply or ""]

    return texts


class Archive:
    """Raises AuditUnavailable from every method when the database cannot be read."""

    def __init__(self, database: Database, keyring: Keyring, index: Index, readers: Readers) -> None:
        self.readers = readers
        self._database = database
        self._keyring = keyring
        self._index = index

    async def search(self, filters: Filters, after: Cursor | None, limit: int) -> Page:
        return await self.readers.run(self._search, filters, after, limit)

    def pages(self, filters: Filters, size: int, begin: Cursor | None = None) -> Callable[[Cursor | None], Page]:
        """For whoever reads page after page in a thread of their own; `begin` is where the first one begins."""
        return lambda after: self._index.search(filters, after or begin, size)

    async def conversation(self, conversation: str, tenants: frozenset[str] | None) -> Sequence[Row]:
        """Its exchanges that somebody may see who sees these tenants, oldest first: the latest THREAD of them."""
        return await self.readers.run(self._conversation, conversation, tenants)

    async def case(self, call_id: str) -> Case | None:
        return await self._read(lambda connection: read_case(connection, call_id))

    async def proof(self, case: Case) -> Mapping[str, Any] | None:
        return await self._read(lambda connection: read_proof(connection, case))

    async def content(self, call_id: str, tenant: str | None, *, originals: bool = False) -> Content | None:
        """What is kept of a call of this tenant's; None where it was changed, or cannot be opened."""

        def read(connection: Connection) -> Content:
            return read_content(connection, self._keyring, call_id, tenant or "", originals=originals)

        try:
            return await self._read(read)
        except ProtectionUnavailable:
            return None

    async def acts(self, filters: ActFilters, before: int | None, limit: int) -> ActPage:
        return await self._read(lambda connection: find_acts(connection, filters, before, limit))

    def _search(self, filters: Filters, after: Cursor | None, limit: int) -> Page:
        self._index.catch_up(_CATCH_UP_S)
        return self._index.search(filters, after, limit)

    def _conversation(self, conversation: str, tenants: frozenset[str] | None) -> Sequence[Row]:
        self._index.catch_up(_CATCH_UP_S)
        return self._index.conversation(conversation, tenants)

    async def _read(self, read: Callable[[Connection], _T]) -> _T:
        def work() -> _T:
            with self._database.reading() as connection:
                return read(connection)

        return await self.readers.run(work)
