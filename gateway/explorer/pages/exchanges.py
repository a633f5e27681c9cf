"""The list of exchanges, and the same list as it grows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from gateway.api.admin.refusals import Forbidden
from gateway.audit.act import Action
from gateway.audit.event import Outcome
from gateway.exchange import CacheState
from gateway.explorer.archive import Archive
from gateway.explorer.filters import Asked, asked
from gateway.explorer.index.filters import Cursor, Page
from gateway.explorer.index.row import Row
from gateway.explorer.tail import TailPasses
from gateway.explorer.visit import Visit, place
from gateway.explorer.wording import milliseconds, moment, number

_PAGE = 50
_TAIL = 100


class ExchangePages:
    def __init__(self, archive: Archive, passes: TailPasses) -> None:
        self._archive = archive
        self._passes = passes

    async def list(self, visit: Visit) -> Response:
        wanted = await _wanted(visit)
        await visit.enter(Action.EXPLORER_LIST, target=wanted.words, tenant=visit.own(wanted.filters.tenant))
        page = await self._search(wanted, place(visit), _PAGE)
        return visit.page("exchanges", wanted=wanted, page=page, choices=_choices())

    async def tail(self, visit: Visit) -> Response:
        """The newest, and leave to ask for what comes: one look on the record for each start."""
        wanted = await _wanted(visit)
        await visit.enter(Action.EXPLORER_TAIL, target=wanted.words, tenant=visit.own(wanted.filters.tenant))
        page = await self._search(wanted, None, _PAGE)
        newest = max((row.seq for row in page.rows), default=0)
        ticket = self._passes.issue(visit.form_token, wanted.query, newest)
        return visit.page("tail", wanted=wanted, page=page, choices=_choices(), newest=Cursor(newest, True), ticket=ticket)

    async def news(self, visit: Visit) -> Response:
        """What the tail's script asks for: exchanges behind a place, oldest first."""
        wanted, after = await _wanted(visit), place(visit) or Cursor(0, True)
        if not self._passes.holds(visit.request.query_params.get("ticket", ""), visit.form_token, wanted.query, after.seq):
            raise await visit.denied(Action.EXPLORER_TAIL, Forbidden("The tail was not started, or ran long enough."))
        page = await self._search(wanted, Cursor(after.seq, newer=True), _TAIL)
        rows = sorted(page.rows, key=lambda row: row.seq)
        last = Cursor(rows[-1].seq if rows else after.seq, newer=True)
        return JSONResponse({"rows": [_cells(row, visit) for row in rows], "next": str(last)})

    async def _search(self, wanted: Asked, after: Cursor | None, limit: int) -> Page:
        """Nothing, where a filter makes no sense: the list must not look as if it had none."""
        return Page() if wanted.problems else await self._archive.search(wanted.filters, after, limit)


async def _wanted(visit: Visit) -> Asked:
    """Raises Forbidden for a search in content by somebody who may not read it: a hit, and none, would tell of it."""
    wanted = asked(visit.request.query_params, visit.tenants, datetime.now(UTC))
    if wanted.filters.text is not None and not visit.may(Action.EXPLORER_CONTENT):
        raise await visit.denied(Action.EXPLORER_CONTENT, Forbidden("None of your roles may read content."), target="a search")
    return wanted


def _choices() -> Mapping[str, Any]:
    return {"outcomes": tuple(Outcome), "caches": tuple(CacheState)}


def _cells(row: Row, visit: Visit) -> Mapping[str, str]:
    """One row as text, in the order and the words of the list."""
    return {
        "call_id": row.call_id,
        "outcome": row.outcome,
        "opened": moment(row.opened_at),
        "outcome_word": visit.t.known("outcome", row.outcome),
        "who": "/".join(name for name in (row.tenant, row.principal) if name) or "–",
        "model": " → ".join(name for name in (row.model, row.deployment) if name) or "–",
        "rule": " · ".join(name for name in (row.rule, row.error_code) if name) or "–",
        "findings": " ".join(f"{one.entity} {one.count}" for one in row.found),
        "tokens": f"{number(row.input_tokens)} / {number(row.output_tokens)}",
        "duration": milliseconds(row.duration_ms),
    }
