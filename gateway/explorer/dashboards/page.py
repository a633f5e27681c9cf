"""The dashboard as a page: its address says the time and the tenant; the look at it is on the record before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import Response

from gateway.audit.act import Action
from gateway.explorer.dashboards.board import Board, board_of
from gateway.explorer.dashboards.charts import durations, stacked
from gateway.explorer.dashboards.hosting import Hosting, read_hosting
from gateway.explorer.dashboards.sums import read_sums
from gateway.explorer.dashboards.times import RANGES, Times, times_of
from gateway.explorer.index.index import Index
from gateway.explorer.prices.price_list import PriceList, compare
from gateway.explorer.readers import Readers
from gateway.explorer.visit import Visit
from gateway.policy.source import PolicySource
from gateway.store import Database

_CATCH_UP_S = 0.1
_LONGEST = 200
_ORDER = ("completed", "incomplete", "rejected", "denied", "truncated", "aborted", "failed", "unreadable")


class DashboardPage:
    def __init__(
        self,
        database: Database,
        index: Index,
        prices: PriceList,
        policy: PolicySource,
        readers: Readers,
        clock: Callable[[], datetime],
    ) -> None:
        self._readers = readers
        self._database = database
        self._index = index
        self._prices = prices
        self._policy = policy
        self._clock = clock

    async def show(self, visit: Visit) -> Response:
        """Raises AuditUnavailable; NotFound, entered as an attempt, for a tenant that is not the visitor's."""
        query = visit.request.query_params
        times, tenant = times_of(query, self._clock()), query.get("tenant", "").strip()[:_LONGEST] or None
        if tenant is not None:
            await visit.reach(tenant, Action.EXPLORER_DASHBOARD, "tenant", tenant)
        tenants = visit.tenants if tenant is None else frozenset({tenant})
        await visit.enter(
            Action.EXPLORER_DASHBOARD, target=f"range={times.range} until={times.last_day or 'now'}", tenant=tenant
        )
        board, hosting = await self._readers.run(self._read, times, tenants)
        shown = shown_of(board, self._prices, hosting)
        return visit.page("dashboard", times=times, ranges=RANGES, tenant=tenant or "", **shown)

    def _read(self, times: Times, tenants: frozenset[str] | None) -> tuple[Board, Hosting | None]:
        """With what hosting cost, where all tenants are looked at together."""
        self._index.catch_up(_CATCH_UP_S)
        with self._database.reading() as connection:
            sums = read_sums(connection, times, tenants)
            board = board_of(sums, times.periods)
            if tenants is not None:
                return board, None
            return board, read_hosting(connection, sums, times, self._policy.current, self._prices, self._clock())


def shown_of(board: Board, prices: PriceList, hosting: Hosting | None = None) -> Mapping[str, Any]:
    """What the template is told of a board."""
    series = in_order(board)
    return {
        "board": board,
        "series": series,
        "outcomes": stacked(series, board.periods),
        "latency": durations({"p50": board.p50, "p95": board.p95, "first": board.first_p50}, board.periods),
        "tokens": stacked({"input": board.input_tokens, "output": board.output_tokens}, board.periods),
        "prices": prices,
        "compared": compare(prices, *board.tokens),
        "hosting": hosting,
    }


def in_order(board: Board) -> dict[str, Sequence[int]]:
    """Series of outcomes as they lie on each other: what went well first; words that we do not know are counted at the end."""
    rest = [word for word in board.outcomes if word not in _ORDER]
    return {word: board.outcomes[word] for word in (*_ORDER, *rest) if word in board.outcomes}
