"""The exchange's side of the record: stages tell it what they learned, and it enters the exchange in the log."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TypeVar

import orjson

from gateway.audit.event import Content, ExchangeRecord, Outcome, StageTime, Timings, record_of, utc_now
from gateway.audit.log import AuditLog, Phase, entry_of
from gateway.errors import AuditUnavailable
from gateway.exchange import Exchange
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject

_Json = TypeVar("_Json", JsonObject, str)


class NoJournal:
    """The journal of an exchange that has not reached the record yet: it can promise nothing, so it refuses."""

    def observe(self, exchange: Exchange) -> None:
        """Nothing to note: the record takes the exchange as it finds it."""

    async def commit(self) -> None:
        raise AuditUnavailable("The exchange is not on record.")

    def settle(self, usage: Usage) -> None:
        """Nothing to note: without a commit there was no upstream call."""

    @property
    def usage(self) -> Usage:
        return Usage()

    def elapsed_ms(self) -> float:
        """Nothing began."""
        return 0.0

    def passed(self, stage: str, started_ms: float) -> None:
        """Nothing to note."""

    def keep(self, *, request: JsonObject | None = None, reply: str | None = None) -> None:
        """Nothing to keep, for the same reason."""


class ExchangeJournal:
    """Follows one exchange. Holds its latest state only, and makes records of it."""

    def __init__(self, exchange: Exchange, log: AuditLog) -> None:
        self._exchange = exchange
        self._log = log
        self._opened_at = utc_now()
        self._started = perf_counter()
        self._decided: float | None = None
        self._committed: float | None = None
        self._first_event: float | None = None
        self._stages: list[StageTime] = []
        self._usage = Usage()
        self._content: Content | None = None
        self._committing = asyncio.Lock()

    @property
    def exchange(self) -> Exchange:
        """Its latest state."""
        return self._exchange

    def observe(self, exchange: Exchange) -> None:
        self._exchange = exchange
        if self._decided is None and exchange.decision is not None:
            self._decided = self.elapsed_ms()

    async def commit(self) -> None:
        """Enter the exchange as opened, once, however often a fail-over calls this. Raises AuditUnavailable."""
        async with self._committing:
            if self._committed is None:
                await self._log.append(entry_of(self.record(Outcome.INCOMPLETE), Phase.OPENED))
                self._committed = self.elapsed_ms()

    def settle(self, usage: Usage) -> None:
        self._usage = usage

    @property
    def usage(self) -> Usage:
        return self._usage

    def elapsed_ms(self) -> float:
        return round((perf_counter() - self._started) * 1000, 3)

    def passed(self, stage: str, started_ms: float) -> None:
        self._stages.append(StageTime(stage, started_ms, self.elapsed_ms()))

    def keep(self, *, request: JsonObject | None = None, reply: str | None = None) -> None:
        """Keep a copy of redacted content; later calls add to it. Raises AuditUnavailable for what is not JSON."""
        kept = self._content or Content()
        self._content = Content(
            request=kept.request if request is None else _copy(request),
            reply=kept.reply if reply is None else _copy(reply),
        )

    def deliver(self) -> None:
        """Note that an event goes out to the client."""
        if self._first_event is None:
            self._first_event = self.elapsed_ms()

    @property
    def committed(self) -> bool:
        return self._committed is not None

    @property
    def delivered(self) -> bool:
        return self._first_event is not None

    def record(self, outcome: Outcome, *, error_code: str | None = None, status: int | None = None) -> ExchangeRecord:
        """The record as it stands; with any outcome but `incomplete`, the final one."""
        return record_of(
            self._exchange,
            opened_at=self._opened_at,
            outcome=outcome,
            usage=self._usage,
            timings_ms=self._timings(final=outcome is not Outcome.INCOMPLETE),
            error_code=error_code,
            status=status,
            content=self._content,
        )

    def _timings(self, *, final: bool) -> Timings:
        return Timings(
            decided=self._decided,
            committed=self._committed,
            first_event=self._first_event,
            total=self.elapsed_ms() if final else None,
            stages=tuple(self._stages),
        )


def _copy(content: _Json) -> _Json:
    """A copy that later stages cannot change, known to be writable as JSON."""
    try:
        copy: _Json = orjson.loads(orjson.dumps(content))
    except orjson.JSONEncodeError:
        raise AuditUnavailable("The redacted content cannot be recorded.") from None
    return copy
