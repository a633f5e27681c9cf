"""The pages that are timed: what each asks of the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from bench.explorer.corpus import TENANTS
from gateway.explorer.dashboards.board import board_of
from gateway.explorer.dashboards.sums import read_sums
from gateway.explorer.dashboards.times import times_of
from gateway.explorer.index.filters import Cursor, Filters
from gateway.explorer.index.index import Index
from gateway.store import Database

Page = Callable[[int], str]
"""Reads a page; the number varies what is asked for. Says what came of it."""

_COMMON, _RARE = TENANTS[0], TENANTS[-1]
_NOW = datetime(2026, 10, 30, 20, tzinfo=UTC)


def pages(database: Database, index: Index, calls: list[str], last: int) -> Iterator[tuple[str, Page]]:
    for name, filters in _lists():
        yield name, _list(index, filters)
    for share in (0.5, 0.01):
        yield f"page {1 - share:.0%} back in the log", _list(index, Filters(tenants=None), Cursor(int(last * share)))
        yield f"denied, {1 - share:.0%} back", _list(index, Filters(tenants=None, allow=False), Cursor(int(last * share)))
    yield "back towards newer ones", _list(index, Filters(tenants=None, outcome="failed"), Cursor(last // 3, newer=True))
    yield "one exchange", lambda turn: "found" if index.exchange(calls[turn % len(calls)], None) else "not found"
    yield "one conversation", _conversation(index)
    for name, query in (("24 hours", {"range": "24h"}), ("30 days", {"range": "30d"}), ("90 days", {"range": "90d"})):
        yield f"dashboard, {name}", _dashboard(database, query, None)
    yield "dashboard, 30 days, one tenant", _dashboard(database, {"range": "30d"}, frozenset({_COMMON}))


def _lists() -> Iterator[tuple[str, Filters]]:
    everybody = Filters(tenants=None)
    yield "no filter", everybody
    yield "viewer of one tenant", Filters(tenants=frozenset({_COMMON}))
    yield "viewer of two rare tenants", Filters(tenants=frozenset(TENANTS[-2:]))
    yield "one day", Filters(tenants=None, since="2026-10-10T00:00:00.000Z", until="2026-10-11T00:00:00.000Z")
    yield "tenant, rare", Filters(tenants=None, tenant=_RARE)
    yield "team", Filters(tenants=None, team="team-3")
    yield "principal, common", Filters(tenants=None, principal=f"{_COMMON}-app-001")
    yield "principal, rare", Filters(tenants=None, principal=f"{_RARE}-app-199")
    yield "principal, unknown", Filters(tenants=None, principal="nobody")
    yield "model, rare", Filters(tenants=None, model="embedder")
    yield "deployment", Filters(tenants=None, deployment="embedder-1")
    yield "decision: deny", Filters(tenants=None, allow=False)
    yield "rule, rare", Filters(tenants=None, rule="rules.office-hours")
    yield "entity type, rare", Filters(tenants=None, entity="IP_ADDRESS")
    yield "outcome: truncated", Filters(tenants=None, outcome="truncated")
    yield "status 502", Filters(tenants=None, status=502)
    yield "error code", Filters(tenants=None, error_code="upstream_truncated")
    yield "cache: hit", Filters(tenants=None, cache="hit")
    yield "policy version", Filters(tenants=None, policy_version="v0")
    yield "took 10 ms or more", Filters(tenants=None, min_duration_ms=10)
    yield "took 30 s or more", Filters(tenants=None, min_duration_ms=30_000)
    yield "tenant and deny", Filters(tenants=None, tenant=_RARE, allow=False)
    yield "tenant and model", Filters(tenants=None, tenant=_RARE, model="embedder")
    yield "tenant and entity type", Filters(tenants=None, tenant=_RARE, entity="IP_ADDRESS")
    yield "tenant and 30 s or more", Filters(tenants=None, tenant=_RARE, min_duration_ms=30_000)
    yield "model and truncated", Filters(tenants=None, model="embedder", outcome="truncated")
    yield "deny and cache hit", Filters(tenants=None, allow=False, cache="hit")
    yield "day and rule", Filters(tenants=None, rule="rules.office-hours", since="2026-10-10T00:00:00.000Z")
    yield "common and common, never together", Filters(tenants=None, tenant=_COMMON, principal=f"{TENANTS[1]}-app-001")


def _list(index: Index, filters: Filters, after: Cursor | None = None) -> Page:
    def read(_: int) -> str:
        page = index.search(filters, after)
        return f"{len(page.rows)} rows" + (f", searched back to {page.searched_to[:10]}" if page.searched_to else "")

    return read


def _conversation(index: Index) -> Page:
    return lambda turn: f"{len(index.conversation(f'conv_{turn * 977 % 350_000:016x}', None))} exchanges"


def _dashboard(database: Database, query: dict[str, str], tenants: frozenset[str] | None) -> Page:
    def read(_: int) -> str:
        times = times_of(query, _NOW)
        with database.reading() as connection:
            sums = read_sums(connection, times, tenants)
        return f"{board_of(sums, times.periods).requests:,} exchanges"

    return read
