"""A copy of a call is found like every exchange, and is in no sum: nobody asked for it."""

from __future__ import annotations

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.log import Phase, entry_of
from gateway.exchange import COPY, Shadowed
from gateway.explorer.index.reading import LoggedEntry, row_of
from gateway.explorer.index.row import Row
from gateway.explorer.index.sums import changes
from gateway.explorer.index.terms import terms_of
from gateway.protocol.wire import Surface


def _row(call_id: str, shadow: Shadowed | None = None) -> Row:
    record = ExchangeRecord(
        call_id=call_id,
        surface=Surface.CHAT,
        opened_at="2026-11-22T10:00:00.000Z",
        outcome=Outcome.COMPLETED,
        model="m",
        deployment="gpu",
        shadow=shadow,
    )
    entry = entry_of(record, Phase.COMPLETED)
    return row_of(LoggedEntry(1, entry.call_id, entry.phase, entry.at, entry.body))


def test_only_the_original_counts() -> None:
    original, copy = _row("req_1"), _row(f"req_1{COPY}", Shadowed(of="req_1"))
    assert changes((), [original, copy]) == changes((), [original]) != {}
    assert changes((), [copy]) == {}
    assert terms_of(copy) == terms_of(original)
