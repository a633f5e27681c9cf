"""The statements that find exchanges, each bounded by a range of the log and by the viewer's tenants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, select

from gateway.explorer.index.filters import Filters
from gateway.explorer.index.sums import Grain
from gateway.explorer.index.terms import groups_of
from gateway.explorer.index.windows import Span
from gateway.store.tables.index import INDEX_EXCHANGES, INDEX_HOURS, INDEX_TERMS

_PROBED = 200
_MANY = 8

_ROWS = INDEX_EXCHANGES.c
_LEAD = INDEX_TERMS.alias("lead")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to go through: the exchanges that have one of these terms, or all; and what else must hold of each."""

    lead: tuple[int, ...]
    conditions: tuple[ColumnElement[bool], ...]

    def query(self, window: Span, take: int, *, newer: bool) -> Select[tuple[object, ...]]:
        place = _LEAD.c.seq if self.lead else _ROWS.seq
        chosen = select(INDEX_EXCHANGES).where(place.between(window.first, window.last), *self.conditions)
        if self.lead:
            chosen = chosen.where(_any(_LEAD.c.term, self.lead), _ROWS.seq == _LEAD.c.seq)
        return chosen.order_by(place.asc() if newer else place.desc()).limit(take)


def span_of(connection: Connection, filters: Filters) -> Span:
    """The part of the log in which exchanges of this time stand."""
    hours = INDEX_HOURS.c
    query = select(func.min(hours.first_seq), func.max(hours.last_seq))
    if filters.since is not None:
        query = query.where(hours.hour >= Grain.HOUR.period(filters.since))
    if filters.until is not None:
        query = query.where(hours.hour <= Grain.HOUR.period(filters.until))
    first, last = connection.execute(query).one()
    return Span(1, 0) if first is None else Span(first, last)


def moment_at(connection: Connection, seq: int, *, newer: bool) -> str | None:
    """When the exchange opened that a walk saw last, or was nearest to."""
    seen = select(_ROWS.opened_at).where(_ROWS.seq <= seq if newer else _ROWS.seq >= seq)
    found = connection.execute(seen.order_by(_ROWS.seq.desc() if newer else _ROWS.seq).limit(1)).scalar()
    return None if found is None else str(found)


def plan_for(connection: Connection, filters: Filters, span: Span, *, newer: bool) -> Plan:
    """Leads with the terms that are rarest near the place where the search begins."""
    groups = groups_of(filters)
    if len(groups) > 1:  # the viewer's tenants are a condition of every row: many of them need not be a range as well
        groups = tuple(group for group in groups if len(group) <= _MANY)
    lead = groups[0] if len(groups) == 1 else _rarest(connection, groups, span, newer=newer)
    others = [_has(group) for group in groups if group is not lead]
    return Plan(lead, (*others, *_exact(filters)))


def visible(tenants: frozenset[str] | None) -> tuple[ColumnElement[bool], ...]:
    """The border between tenants: compared with the row itself, never with a term alone."""
    return () if tenants is None else (_ROWS.tenant.in_(sorted(tenants)),)


def _exact(filters: Filters) -> Iterator[ColumnElement[bool]]:
    yield from visible(filters.tenants)
    if filters.since is not None:
        yield _ROWS.opened_at >= filters.since
    if filters.until is not None:
        yield _ROWS.opened_at < filters.until
    if filters.min_duration_ms is not None:
        yield _ROWS.duration_ms >= filters.min_duration_ms


def _rarest(connection: Connection, groups: Sequence[tuple[int, ...]], span: Span, *, newer: bool) -> tuple[int, ...]:
    return max(groups, key=lambda group: _reach(connection, group, span, newer=newer), default=())


def _reach(connection: Connection, group: Sequence[int], span: Span, *, newer: bool) -> int:
    """How far one has to go for the 200th exchange that has one of these terms: the farther, the rarer they are here."""
    return min(_distance(connection, term, span, newer=newer) for term in group)


def _distance(connection: Connection, term: int, span: Span, *, newer: bool) -> int:
    terms = INDEX_TERMS.c
    order = terms.seq.asc() if newer else terms.seq.desc()
    within = select(terms.seq).where(terms.term == term, terms.seq.between(span.first, span.last))
    found = connection.execute(within.order_by(order).offset(_PROBED - 1).limit(1)).scalar()
    if found is None:
        return span.last - span.first + 1
    return int(found - span.first if newer else span.last - found)


def _has(group: Sequence[int]) -> ColumnElement[bool]:
    terms: Table = INDEX_TERMS
    return exists().where(_any(terms.c.term, group), terms.c.seq == _ROWS.seq)


def _any(column: ColumnElement[int], terms: Sequence[int]) -> ColumnElement[bool]:
    return column == terms[0] if len(terms) == 1 else column.in_(terms)
