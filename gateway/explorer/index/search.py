"""Finds exchanges: by filters through the index, and by text through what is kept of them, within a budget of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from gateway.explorer.index.filters import Cursor, Filters, Page
from gateway.explorer.index.gather import ContentMatch, Gathered, gather
from gateway.explorer.index.queries import moment_at, plan_for, span_of, visible
from gateway.explorer.index.row import Row
from gateway.explorer.index.rows import row_from
from gateway.explorer.index.terms import term_of
from gateway.explorer.index.windows import Fetch, Span, walk
from gateway.store.tables.index import INDEX_EXCHANGES, INDEX_TERMS

Texts = Callable[[Connection, Row], Sequence[str] | None]
"""What is kept of a call, as texts; None where nothing is, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a page may cost: seconds in the index, and for a search in content seconds and exchanges that are opened."""

    seconds: float = 0.08
    text_seconds: float = 1.0
    opened: int = 2_000


@dataclass(frozen=True, slots=True)
class Means:
    """What a search works with."""

    texts: Texts | None
    budget: Budget
    monotonic: Callable[[], float]


def find(connection: Connection, filters: Filters, after: Cursor | None, limit: int, means: Means) -> Page:
    """See `Index.search`."""
    newer = after is not None and after.newer
    span = _beyond(span_of(connection, filters), after)
    seconds = means.budget.seconds if filters.text is None else means.budget.text_seconds
    fetch = _fetch(connection, filters, span, newer=newer)
    steps = walk(span, fetch, limit + 1, newer=newer, seconds=seconds, monotonic=means.monotonic)
    unread = 0
    if filters.text is None:
        gathered = gather(steps, limit, lambda _: True)
    else:
        match = _match(connection, filters.text, means.texts)
        gathered, unread = gather(match.within(steps, means.budget.opened), limit, match), match.unread
    onward = _onward(gathered, span, newer=newer)
    stopped = onward is not None and not gathered.more
    return Page(
        rows=gathered.rows[::-1] if newer else gathered.rows,
        newer=onward if newer else _back(gathered, after, newer=True),
        older=_back(gathered, after, newer=False) if newer else onward,
        searched_to=moment_at(connection, onward.seq, newer=newer) if onward is not None and stopped else None,
        unread=unread,
    )


def find_call(connection: Connection, call_id: str, tenants: frozenset[str] | None) -> Row | None:
    query = select(INDEX_EXCHANGES).where(INDEX_EXCHANGES.c.call_id == call_id, *visible(tenants))
    return next(iter(_rows(connection.execute(query).mappings())), None)


def find_conversation(connection: Connection, name: str, tenants: frozenset[str] | None, limit: int) -> tuple[Row, ...]:
    terms, rows = INDEX_TERMS.c, INDEX_EXCHANGES.c
    query = (
        select(INDEX_EXCHANGES)
        .where(terms.term == term_of("conversation", name), rows.seq == terms.seq)
        .where(rows.conversation == name, *visible(tenants))
        .order_by(terms.seq.desc())
        .limit(limit)
    )
    return _rows(connection.execute(query).mappings())[::-1]


def find_answers(connection: Connection, response_id: str, tenant: str, principal: str, limit: int) -> tuple[str, ...]:
    """A caller's exchanges that may have been answered under this id, the newest first."""
    terms, rows = INDEX_TERMS.c, INDEX_EXCHANGES.c
    query = (
        select(rows.call_id)
        .where(terms.term == term_of("response", response_id), rows.seq == terms.seq)
        .where(rows.tenant == tenant, rows.principal == principal)
        .order_by(terms.seq.desc())
        .limit(limit)
    )
    return tuple(connection.execute(query).scalars())


def _fetch(connection: Connection, filters: Filters, span: Span, *, newer: bool) -> Fetch:
    plan = plan_for(connection, filters, span, newer=newer)

    def fetch(first: int, last: int, take: int) -> Sequence[Row]:
        return _rows(connection.execute(plan.query(Span(first, last), take, newer=newer)).mappings())

    return fetch


def _rows(found: Iterable[Mapping[Any, Any]]) -> tuple[Row, ...]:
    return tuple(map(row_from, found))


def _match(connection: Connection, text: str, texts: Texts | None) -> ContentMatch:
    if texts is None:
        raise LookupError("nobody here can open what is kept")
    return ContentMatch(text, lambda row: texts(connection, row))


def _beyond(span: Span, after: Cursor | None) -> Span:
    """What lies on the other side of the cursor."""
    if after is None:
        return span
    if after.newer:
        return Span(max(span.first, after.seq + 1), span.last)
    return Span(span.first, min(span.last, after.seq - 1))


def _onward(gathered: Gathered, span: Span, *, newer: bool) -> Cursor | None:
    """Where the walk goes on, if there is more or if it did not come to the end."""
    end = span.last if newer else span.first
    if gathered.seen is None or (gathered.seen == end and not gathered.more):
        return None
    return Cursor(gathered.seen, newer)


def _back(gathered: Gathered, after: Cursor | None, *, newer: bool) -> Cursor | None:
    """Where one came from: beside the first row, or, of an empty page, beside the cursor."""
    if after is None:
        return None
    if gathered.rows:
        return Cursor(gathered.rows[0].seq, newer)
    return Cursor(after.seq + (-1 if newer else 1), newer)
