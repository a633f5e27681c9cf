"""The outermost stage: every exchange leaves exactly one record, however it ends.

Nothing goes out before a durable entry of the exchange exists. What reaches an upstream is opened before its first byte
(`Journal.commit`); an answer that needed none is opened before it leaves; a refusal is entered before the client learns
of it. Each of these is awaited, and where it fails the client gets AuditUnavailable instead.

The completion of an exchange that was opened is not awaited: the client already has its answer, and waiting would cost
every call a second sync of the disk. The log enters it within a moment, or owes it and says so (`AuditLog.append_soon`).

Refusals of callers whom nobody knows, or who show no key: beyond some they are one entry (gateway.audit.strangers).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from opentelemetry.trace import Span, Tracer, format_trace_id, use_span

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.journal import ExchangeJournal
from gateway.audit.keeper import Keeper
from gateway.audit.log import AuditLog
from gateway.audit.noting import outcome_of, outcome_of_status
from gateway.errors import AuditUnavailable, GatewayError
from gateway.exchange import Decision, Exchange, Reply
from gateway.exchange.explanation import headers
from gateway.faults import internal_fault
from gateway.pipeline import Proceed
from gateway.protocol.wire import JsonObject
from gateway.telemetry.spans import begin_exchange_span, end_exchange_span

Measure = Callable[[ExchangeRecord], None]


def _unmeasured(_: ExchangeRecord) -> None:
    """Where nobody counts."""


class Record:
    """The stage. Give it `NoOpTracer()` where tracing is off, and a keeper where policy may keep content."""

    def __init__(self, log: AuditLog, tracer: Tracer, measure: Measure = _unmeasured, keeper: Keeper | None = None) -> None:
        self._log = log
        self._tracer = tracer
        self._measure = measure
        self._keeper = keeper

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        span = begin_exchange_span(self._tracer, exchange)
        exchange = exchange.but(trace_id=_trace_id(span))
        journal = ExchangeJournal(exchange, self._log, self._keeper)
        case = _Case(journal, self._log, span, self._measure)
        try:
            reply = await case.answer(proceed)
        except GatewayError as error:
            await case.refused(error)
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, it ends as one typed error and one record)
            fault = internal_fault(error)
            await case.refused(fault)
            raise fault from None
        except BaseException:
            case.abandoned(None)
            raise
        body = case.relay(reply)
        # A generator that never started runs no `finally` when it is closed: start it, up to its first, empty yield.
        await anext(body)
        return replace(reply, body=body, headers={**reply.headers, **headers(case.decision)})


def _trace_id(span: Span) -> str | None:
    """Of our own trace, or of the caller's where none of ours is taken."""
    context = span.get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


class _Case:
    """One exchange before the record: its journal, its span, and each way in which it can end."""

    def __init__(self, journal: ExchangeJournal, log: AuditLog, span: Span, measure: Measure) -> None:
        self._journal = journal
        self._log = log
        self._span = span
        self._measure = measure

    @property
    def decision(self) -> Decision | None:
        """The last that policy said of this exchange."""
        return self._journal.exchange.decision

    async def answer(self, proceed: Proceed) -> Reply:
        with use_span(self._span, record_exception=False, set_status_on_exception=False):
            reply = await proceed(self._journal.exchange.but(journal=self._journal))
        try:
            await self._journal.commit()
        except BaseException:
            await reply.body.aclose()
            raise
        return reply

    async def relay(self, reply: Reply) -> AsyncGenerator[JsonObject, None]:
        """The reply's events, and then its completion. The first, empty one is for Record alone."""
        try:
            async with aclosing(reply.body) as events:
                yield {}
                # A plain answer is given out when nothing inside can go wrong with it any more.
                whole = [] if reply.streaming else [event async for event in events]
                async for event in events:
                    self._journal.deliver()
                    yield event
                for event in whole:
                    self._journal.deliver()
                    yield event
        except GatewayError as error:
            self._broke(error, reply)
            raise
        except Exception as error:  # noqa: BLE001  (see Record)
            fault = internal_fault(error)
            self._broke(fault, reply)
            raise fault from None
        except GeneratorExit:
            served = self._journal.delivered and not reply.streaming  # nothing more would have come
            self._end(outcome_of_status(reply.status) if served else Outcome.ABORTED, None, reply.status)
            raise
        except BaseException:
            self.abandoned(reply.status)
            raise
        self._end(outcome_of_status(reply.status), None, reply.status)

    async def refused(self, error: GatewayError) -> None:
        """Enter the refusal before it goes out. Raises AuditUnavailable, which then is the client's answer."""
        error.headers.update(headers(self.decision))
        outcome = outcome_of(error, delivered=False)
        if self._journal.committed:
            self._end(outcome, error.code, error.status)
            return
        if isinstance(error, AuditUnavailable):
            self._unwritten(outcome, error)
            return
        record = self._journal.record(outcome, error_code=error.code, status=error.status)
        await asyncio.shield(asyncio.ensure_future(self._entered(record)))  # a client that hangs up takes no entry along

    async def _entered(self, record: ExchangeRecord) -> None:
        """The record of a refusal. Raises AuditUnavailable; then it is owed."""
        try:
            await self._log.append(self._journal.completion(record))
        except AuditUnavailable as outage:
            self._unwritten(Outcome.FAILED, outage)
            raise
        self._told(record)

    def _unwritten(self, outcome: Outcome, error: AuditUnavailable) -> None:
        """The log owes what it cannot take, in memory: that has to be little, however long the trouble lasts."""
        self._journal.forgo()
        self._end(outcome, error.code, error.status)

    def _told(self, record: ExchangeRecord) -> None:
        """The final record, as a span and as metrics."""
        end_exchange_span(self._span, record)
        self._measure(record)

    def abandoned(self, status: int | None) -> None:
        if not self._log.healthy:
            self._journal.forgo()  # see `_unwritten`: those who hang up while the log is in trouble may be many
        self._end(Outcome.ABORTED, None, status)

    def _broke(self, error: GatewayError, reply: Reply) -> None:
        delivered = self._journal.delivered
        error.headers.update(headers(self.decision))
        self._end(outcome_of(error, delivered=delivered), error.code, reply.status if delivered else error.status)

    def _end(self, outcome: Outcome, error_code: str | None, status: int | None) -> None:
        record = self._journal.record(outcome, error_code=error_code, status=status)
        self._log.append_soon(self._journal.completion(record))
        self._told(record)
