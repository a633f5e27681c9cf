"""The exchange's side of the record: stages tell it what they learned, and it enters the exchange in the log."""

from __future__ import annotations

import asyncio
from time import perf_counter

from gateway.audit.event import ExchangeRecord, Outcome, StageTime, Timings
from gateway.audit.keeper import Case, Keeper
from gateway.audit.log import AuditLog, Entry, Phase, Row, entry_of
from gateway.audit.noting import record_of
from gateway.errors import AuditUnavailable
from gateway.exchange import Exchange
from gateway.exchange.content import Content
from gateway.moments import utc_now
from gateway.protocol.usage import Usage

_FORGONE = "The request is not kept: it went nowhere, because the record could not be written."


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

    def belongs_to(self, conversation: str) -> None:
        """Nothing to note."""

    async def keep(self, content: Content) -> None:
        """Nothing to keep, for the same reason."""


class ExchangeJournal:
    """Follows one exchange. Holds its latest state only, and makes records of it. Without a keeper it can keep no content."""

    def __init__(self, exchange: Exchange, log: AuditLog, keeper: Keeper | None = None) -> None:
        self._exchange = exchange
        self._log = log
        self._keeper = keeper
        self._case: Case | None = None
        self._beside: tuple[Row, ...] = ()
        self._digests: dict[str, str] = {}
        self._missing: str | None = None
        self._opened_at = utc_now()
        self._started = perf_counter()
        self._decided: float | None = None
        self._committed: float | None = None
        self._ended = False
        self._first_event: float | None = None
        self._stages: list[StageTime] = []
        self._usage = Usage()
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
        """Enter the exchange as opened, once, however often a fail-over calls this. Raises AuditUnavailable, also once it has
        ended: a call that others wait for may outlive it, and is not made in its name.
        """
        async with self._committing:
            if self._committed is None:
                if self._ended:
                    raise AuditUnavailable("The exchange is on record as ended.")
                beside = self._beside
                await self._log.append(entry_of(self.record(Outcome.INCOMPLETE), Phase.OPENED, beside))
                self._beside = self._beside[len(beside) :]  # not before it is durable: else it goes with the completion
                self._committed = self.elapsed_ms()

    def completion(self, record: ExchangeRecord) -> Entry:
        """The entry of a final record, with what was sealed since the opening."""
        self._ended = True
        who = self._exchange.principal
        return entry_of(record, Phase.COMPLETED, self._beside, anonymous=who is not None and who.anonymous)

    def settle(self, usage: Usage) -> None:
        self._usage = usage

    @property
    def usage(self) -> Usage:
        return self._usage

    def elapsed_ms(self) -> float:
        return round((perf_counter() - self._started) * 1000, 3)

    def passed(self, stage: str, started_ms: float) -> None:
        self._stages.append(StageTime(stage, started_ms, self.elapsed_ms()))

    def belongs_to(self, conversation: str) -> None:
        self._exchange = self._exchange.but(conversation=conversation)

    async def keep(self, content: Content) -> None:
        """Seal content where policy keeps it, and passages; it is held sealed only.

        Raises AuditUnavailable, or TenantKeyUnusable.
        """
        decision = self._exchange.decision
        if decision is None or decision.obligations is None:
            return
        if not decision.obligations.record_content:
            content = Content(passages=content.passages)
        if content == Content():
            return
        if content.missing is not None:
            self._missing = content.missing
            return
        sealed = await self._opened_case(decision.obligations.retention_days).seal(content)
        self._beside += sealed.rows
        self._digests |= sealed.digests

    def forgo(self) -> None:
        """Let go of content that is on no entry yet: of a request that went nowhere."""
        if self._beside and not self.committed:
            self._beside, self._digests = (), {}
            self._missing = _FORGONE

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
            content=dict(self._digests),
            content_missing=self._missing,
        )

    def _opened_case(self, retention_days: int | None) -> Case:
        if self._case is None:
            caller = self._exchange.principal
            if self._keeper is None or caller is None:
                raise AuditUnavailable("There is no key to seal the content with that policy keeps.")
            self._case = self._keeper.case(self._exchange.call_id, caller.tenant, retention_days)
        return self._case

    def _timings(self, *, final: bool) -> Timings:
        return Timings(
            decided=self._decided,
            committed=self._committed,
            first_event=self._first_event,
            total=self.elapsed_ms() if final else None,
            stages=tuple(self._stages),
        )
