"""Follows each exchange to its end and writes its two lines: the decision when the record is complete, the access when the
last byte went out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext, get_current_span

from gateway.audit.event import ExchangeRecord
from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed
from gateway.telemetry.lines import Access, Line, access_line, decision_line

Write: TypeAlias = Callable[[Line], None]


class CallLogs:
    """Used in one event loop. Remembers an exchange from its first stage until `accessed`, which whoever serves it calls.

    `access` and `decision` are where the lines of each log go: nowhere, or to several places.
    """

    def __init__(self, access: Sequence[Write] = (), decision: Sequence[Write] = ()) -> None:
        self._access = access
        self._decision = decision
        self._spans: dict[str, SpanContext] = {}
        self._records: dict[str, ExchangeRecord] = {}

    @property
    def enabled(self) -> bool:
        return bool(self._access or self._decision)

    async def follow(self, exchange: Exchange, proceed: Proceed) -> Reply:
        """A stage, right inside the record: there the span of the exchange is current."""
        self._spans[exchange.call_id] = get_current_span().get_span_context()
        return await proceed(exchange)

    def told(self, record: ExchangeRecord) -> None:
        """Note the final record, and write what was decided. A caller whom nobody recognised has no decision of policy."""
        self._records[record.call_id] = record
        if record.decision is None:
            return
        line = decision_line(record, record.decision, self._spans.get(record.call_id, INVALID_SPAN_CONTEXT))
        for write in self._decision:
            write(line)

    def accessed(self, access: Access) -> None:
        """The request is over: write who called, and forget the exchange."""
        call = access.call_id or ""
        line = access_line(access, self._records.pop(call, None), self._spans.pop(call, INVALID_SPAN_CONTEXT))
        for write in self._access:
            write(line)
