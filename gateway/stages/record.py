"""The outermost stage: every exchange leaves exactly one record, however it ends.

The order of things. Before the upstream's first byte the record is opened, durably (`Journal.commit`); an answer that
needed no upstream is opened before it goes out. A refusal is entered before the client learns of it. A plain answer is
held until its completion is durable, which costs one group commit (about a millisecond) and means that no such answer
leaves while the log cannot take it. A stream has gone out by then: its completion is awaited before the stream ends,
and if it cannot be written it is owed by the log, which is then unhealthy. A client that hangs up waits for nothing.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from opentelemetry.trace import Tracer, use_span

from gateway.audit.event import ExchangeRecord, Outcome, outcome_of, outcome_of_status
from gateway.audit.journal import ExchangeJournal
from gateway.audit.log import AuditLog, Phase, entry_of
from gateway.errors import AuditUnavailable, GatewayError, InternalFault
from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.wire import JsonObject
from gateway.telemetry.spans import begin_exchange_span, end_exchange_span

_log = logging.getLogger(__name__)


class Record:
    """The stage. Give it `NoOpTracer()` where tracing is off."""

    def __init__(self, log: AuditLog, tracer: Tracer) -> None:
        self._log = log
        self._tracer = tracer

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        case = _Case(exchange, self._log, self._tracer)
        try:
            reply = await case.answer(proceed)
        except GatewayError as error:
            await case.refused(error)
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, it ends as one typed error and one record)
            fault = _fault(error)
            await case.refused(fault)
            raise fault from None
        except BaseException:
            case.abandoned(None)
            raise
        body = case.relay(reply)
        # A generator that never started runs no `finally` when it is closed: start it, up to its first, empty yield.
        await anext(body)
        return replace(reply, body=body)


class _Case:
    """One exchange before the record: its journal, its span, and each way in which it can end."""

    def __init__(self, exchange: Exchange, log: AuditLog, tracer: Tracer) -> None:
        self._log = log
        self._journal = ExchangeJournal(exchange, log)
        self._exchange = replace(exchange, journal=self._journal)
        self._journal.observe(self._exchange)
        self._span = begin_exchange_span(tracer, exchange)

    async def answer(self, proceed: Proceed) -> Reply:
        with use_span(self._span, record_exception=False, set_status_on_exception=False):
            reply = await proceed(self._exchange)
        try:
            await self._journal.commit()
        except BaseException:
            await reply.body.aclose()
            raise
        return reply

    async def relay(self, reply: Reply) -> AsyncGenerator[JsonObject, None]:
        """The reply's events, and then its completion. The first, empty one is for Record alone."""
        answer: list[JsonObject] = []
        try:
            async with aclosing(reply.body) as events:
                yield {}
                if not reply.streaming:
                    answer = [event async for event in events]
                else:
                    async for event in events:
                        self._journal.deliver()
                        yield event
        except GatewayError as error:
            await self._broke(error, reply)
            raise
        except Exception as error:  # noqa: BLE001  (see Record)
            fault = _fault(error)
            await self._broke(fault, reply)
            raise fault from None
        except BaseException:
            self.abandoned(reply.status)
            raise
        await self._completed(reply)
        for event in answer:
            yield event

    async def refused(self, error: GatewayError) -> None:
        """Enter the refusal before it goes out. Raises AuditUnavailable, which then is the client's answer."""
        record = self._record(outcome_of(error, delivered=False), error.code, error.status)
        await self._enter(record, binding=True)

    def abandoned(self, status: int | None) -> None:
        record = self._record(Outcome.ABORTED, None, status)
        self._log.append_soon(entry_of(record, Phase.COMPLETED))
        end_exchange_span(self._span, record)

    async def _broke(self, error: GatewayError, reply: Reply) -> None:
        delivered = self._journal.delivered
        status = reply.status if delivered else error.status
        await self._enter(self._record(outcome_of(error, delivered=delivered), error.code, status), binding=False)

    async def _completed(self, reply: Reply) -> None:
        record = self._record(outcome_of_status(reply.status), None, reply.status)
        await self._enter(record, binding=not reply.streaming)

    async def _enter(self, record: ExchangeRecord, *, binding: bool) -> None:
        """Enter the end. Where it cannot be written it is owed; if it binds, the client learns of that instead."""
        try:
            await self._log.append(entry_of(record, Phase.COMPLETED))
        except AuditUnavailable as outage:
            if binding:
                record = self._record(Outcome.FAILED, outage.code, outage.status)
            self._log.append_soon(entry_of(record, Phase.COMPLETED))
            _log.error("the end of exchange %s could not be written", record.call_id)
            if binding:
                raise
        finally:
            end_exchange_span(self._span, record)

    def _record(self, outcome: Outcome, error_code: str | None, status: int | None) -> ExchangeRecord:
        return self._journal.record(outcome, error_code=error_code, status=status)


def _fault(error: Exception) -> InternalFault:
    """One typed error for a bug of ours. Only its type and its place are logged: its text may hold raw data."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    _log.error("internal fault: %s at %s:%d", type(error).__name__, frame.f_code.co_filename, line)
    return InternalFault("The gateway met an internal error and did not answer.")
