"""The index: follows the log, and answers what the explorer's pages ask. Blocking: call it from a thread."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection

from gateway.errors import AuditUnavailable
from gateway.explorer.index.batch import Batch, batch_of, enter
from gateway.explorer.index.emptying import remove_piece
from gateway.explorer.index.filters import Cursor, Filters, Page
from gateway.explorer.index.mark import EMPTYING, VERSION, Mark, create_mark, move_mark, read_mark
from gateway.explorer.index.reading import told_by
from gateway.explorer.index.row import Row
from gateway.explorer.index.rows import entries_after, last_entry
from gateway.explorer.index.search import Budget, Means, Texts, find, find_answers, find_call, find_conversation
from gateway.store import Database

_PIECE = 20_000
"""Rows deleted in one transaction while the index is emptied."""
THREAD = 500
"""Exchanges of a conversation that are shown at most: the latest."""
_SAME_ID = 20
"""Exchanges of one caller under one id: a backend that gives no ids of its own may repeat them."""


class Index:
    """Usable by several threads, and by several gateways on one database. Every method raises AuditUnavailable.

    `texts` opens what is kept of an exchange; without it nothing can be looked for in content.
    """

    def __init__(
        self,
        database: Database,
        *,
        texts: Texts | None = None,
        budget: Budget | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._means = Means(texts, budget or Budget(), monotonic)
        self._monotonic = monotonic
        self._version: tuple[int, ...] | None = None

    def follow(self, limit: int = 500) -> int:
        """Read up to `limit` entries behind the mark and index them, in one transaction with the mark.

        How many were read: 0 at the end of the log, and also where another gateway was faster, or has a newer index.
        """
        with self._database.reading() as connection:
            found = read_mark(connection)
            mark = found or Mark()
            ahead = _ahead(connection, mark, limit) if mark.version == VERSION and mark.seq > EMPTYING else None
        if found is None:
            self._begin()
        if ahead is not None:
            return self._move_on(mark, *ahead)
        return 0 if mark.version > VERSION else self._empty(mark)

    def catch_up(self, seconds: float, limit: int = 500) -> bool:
        """Follow for about so long at most; False where the log goes on behind that."""
        version = self._database.version()  # before the rows: a later change is seen the next time
        if version is not None and version == self._version:
            return True
        deadline = self._monotonic() + seconds
        while self.follow(limit) >= limit:
            if self._monotonic() >= deadline:
                return False
        self._version = version
        return True

    def rebuild(self) -> None:
        """Forget everything: whoever follows empties the index, and then makes it anew from the log."""
        with self._database.writing() as connection:
            create_mark(connection)
            mark = read_mark(connection)
            if mark is None or not move_mark(connection, mark, Mark(seq=EMPTYING)):
                raise AuditUnavailable("The index is busy.")

    def mark(self) -> Mark:
        """How far the index has come."""
        with self._database.reading() as connection:
            return read_mark(connection) or Mark()

    def behind(self) -> int:
        """How many entries of the log the index has yet to read; all of them while it is being emptied."""
        with self._database.reading() as connection:
            mark = read_mark(connection) or Mark()
            return last_entry(connection) - max(0, mark.seq)

    def search(self, filters: Filters, after: Cursor | None = None, limit: int = 50) -> Page:
        """A page of exchanges. Raises LookupError for a search in content where there is nobody to open it."""
        with self._database.reading() as connection:
            return find(connection, filters, after, limit, self._means)

    def exchange(self, call_id: str, tenants: frozenset[str] | None) -> Row | None:
        """One exchange, unless it is of a tenant that the viewer may not see."""
        with self._database.reading() as connection:
            return find_call(connection, call_id, tenants)

    def conversation(self, conversation: str, tenants: frozenset[str] | None, limit: int = THREAD) -> tuple[Row, ...]:
        """Its exchanges that the viewer may see, oldest first; of more than so many the latest."""
        with self._database.reading() as connection:
            return find_conversation(connection, conversation, tenants, limit)

    def answers(self, response_id: str, tenant: str, principal: str) -> tuple[tuple[str, ...], int]:
        """A caller's exchanges that may have been answered under this id, the newest first; and up to which entry of the log
        that is all of them.
        """
        with self._database.reading() as connection:
            mark = read_mark(connection)
            known = mark is not None and mark.version == VERSION
            calls = find_answers(connection, response_id, tenant, principal, _SAME_ID) if known else ()
        return calls, mark.seq if mark is not None and known else 0

    def _begin(self) -> None:
        with self._database.writing() as connection:
            create_mark(connection)

    def _empty(self, mark: Mark) -> int:
        with self._database.writing() as connection:
            if not move_mark(connection, mark, Mark(seq=EMPTYING)):
                return 0
            removed = remove_piece(connection, _PIECE)
            if not removed:
                move_mark(connection, Mark(seq=EMPTYING), Mark())
        return max(removed, 1)

    def _move_on(self, mark: Mark, last: int, batch: Batch | None) -> int:
        if batch is None:
            return 0
        with self._database.writing(durable=False) as connection:  # what a crash takes is made anew from the log
            if not move_mark(connection, mark, Mark(seq=last)):
                return 0
            enter(connection, batch)
        return last - mark.seq


def _ahead(connection: Connection, mark: Mark, limit: int) -> tuple[int, Batch | None]:
    """The last of the next entries, and what they change: nothing, where the log ends."""
    last, entries = entries_after(connection, mark.seq, limit)
    return last, batch_of(connection, told_by(entries)) if last > mark.seq else None
