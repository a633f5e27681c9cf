"""Copies of calls that go to a second deployment, whose answers are compared and reach nobody.

A copy is an exchange of its own on the record: its opening is durable before its first byte, its completion says what became of
it and how alike the two answers are. It goes out when the real answer has begun, and delays nothing: there are at most so many
at a time, and none where the deployment is busy or out of order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, Protocol

from gateway.accounting.heard import Heard
from gateway.audit.event import Outcome
from gateway.audit.journal import ExchangeJournal
from gateway.audit.keeper import Keeper
from gateway.audit.kept import About
from gateway.audit.log import AuditLog
from gateway.audit.noting import outcome_of, outcome_of_status
from gateway.errors import AuditUnavailable, GatewayError, UpstreamError
from gateway.exchange import COPY, Attempt, Body, CacheState, Exchange, Likeness, Reply, Served, Shadowed
from gateway.exchange.content import Content
from gateway.faults import internal_fault
from gateway.limits.estimate import rough_weight
from gateway.obligations import DeploymentRef, Share
from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject, Surface
from gateway.routing.likeness import length_ratio, overlap
from gateway.routing.standings import Seat, Standings
from gateway.routing.verdict import is_for_another
from gateway.upstream.base import Upstream, UpstreamCall

MOST = 32
"""Copies that may be under way at once; further ones are not made."""
_COMPARED = 300_000
"""Characters of an answer that are compared."""

Screen = Callable[[Exchange, str], Awaitable[Content]]
"""What may be kept of an answer. Raises GatewayError where nothing may."""


Whom = Callable[[str], About | None]
"""Whom a call is about; None where nothing of it is kept any more. Blocking. Raises AuditUnavailable."""


class Fleet(Protocol):
    """Connections to deployments."""

    def upstream(self, deployment: DeploymentRef) -> Upstream:
        """Raises UpstreamUnreachable for a deployment that is out of service."""


class Shadows:
    """Makes the copies, and waits for them at the end of the gateway no longer than it must."""

    def __init__(
        self,
        fleet: Fleet,
        standings: Standings,
        log: AuditLog,
        keeper: Keeper | None,
        screen: Screen,
        whom: Whom,
        most: int = MOST,
    ) -> None:
        self._fleet = fleet
        self._standings = standings
        self._log = log
        self._keeper = keeper
        self._screen = screen
        self._whom = whom
        self._most = most
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        return len(self._under_way)

    def follow(self, exchange: Exchange, share: Share, reply: Reply, salt: str | None = None) -> Reply:
        """The reply as it is. A copy of the call goes to the share's deployment, if there is room for it."""
        load = self._standings.load(share.deployment)
        if len(self._under_way) >= self._most or not (load.fit and load.free):
            return reply
        theirs: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        copy = _Copy(_copied(exchange, share), share.deployment, self._log, self._keeper, salt)
        task = asyncio.create_task(self._made(copy, theirs))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return reply.through(lambda body: _Overheard(body, exchange.surface, theirs))

    async def close(self) -> None:
        """Give up what is under way; each is entered as it stands."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _kept(self, exchange: Exchange, text: str) -> Content:
        """What is kept of a copy's answer: it is about whom its call is about, and may name them by placeholders alone."""
        content = await self._screen(exchange, text)
        if content.reply is None:
            return content
        of = exchange.shadow.of if exchange.shadow is not None else ""
        call = await asyncio.to_thread(self._whom, of)
        if call is None:
            return Content(missing="The reply is not kept: nothing is kept of its call any more.")
        return replace(content, tags=call.tags)

    async def _made(self, copy: _Copy, theirs: asyncio.Future[str | None]) -> None:
        seat = self._standings.take(copy.deployment, copy.tokens)
        try:
            if not await copy.opened():
                return
            await copy.answer(self._fleet.upstream(copy.deployment), seat)
        except UpstreamError as error:
            seat.failed()
            copy.broke(error)
        except GatewayError as error:  # the request's own fault: what a client asks for closes no deployment
            copy.broke(error)
        except asyncio.CancelledError:
            copy.ended(Outcome.ABORTED, None)
            raise
        except Exception as error:  # noqa: BLE001  (nobody waits for it: whatever it is, the record says so)
            copy.broke(internal_fault(error))
        else:
            seat.leave()
            await copy.compared(theirs, self._kept)
        finally:
            seat.leave()


class _Copy:
    """One copy, and its record."""

    def __init__(
        self, exchange: Exchange, deployment: DeploymentRef, log: AuditLog, keeper: Keeper | None, salt: str | None
    ) -> None:
        self.deployment = deployment
        self._salt = salt
        self._log = log
        self._journal = ExchangeJournal(exchange, log, keeper)
        self._exchange = exchange.but(journal=self._journal)
        self._journal.observe(self._exchange)
        self._heard = Heard(exchange.surface)
        self._status: int | None = None

    @property
    def tokens(self) -> int:
        """What it weighs, roughly."""
        facts = self._exchange.facts
        return 0 if facts is None else rough_weight(facts)

    async def opened(self) -> bool:
        """Whether it is on record. What is not is not sent, and there is nothing more to say about it."""
        with suppress(AuditUnavailable):
            await self._journal.commit()
            return True
        return False

    async def answer(self, upstream: Upstream, seat: Seat) -> None:
        """The whole answer of the deployment. Raises UpstreamError."""
        began = self._journal.elapsed_ms()
        try:
            surface, body, stream = self._exchange.surface, self._exchange.redacted or {}, self._exchange.stream
            reply = await upstream.send(UpstreamCall(surface=surface, body=body, stream=stream, cache_salt=self._salt))
            self._status = reply.status
            if is_for_another(reply):
                seat.rest(reply.retry_after or 0)
            else:
                seat.answered()
            await self._read(reply)
        except GatewayError as error:
            self._tried(error.code, began)
            raise
        self._tried("answered", began)

    async def _read(self, reply: Reply) -> None:
        tally = reply.tally or Tally(self._exchange.surface)
        try:
            async with aclosing(reply.body) as events:
                async for event in events:
                    self._journal.deliver()
                    self._heard.see(event)
                    if reply.tally is None:
                        tally.see(event)
        finally:
            self._journal.settle(tally.usage)

    def _tried(self, result: str, began_ms: float) -> None:
        """The record is complete only later, when the real answer has ended too: how long this one took is said here."""
        ended_ms = self._journal.elapsed_ms()
        attempt = Attempt(deployment=self.deployment.id, result=result, started_ms=began_ms, ended_ms=ended_ms)
        self._exchange = self._exchange.learn(attempts=(attempt,))

    async def compared(self, theirs: asyncio.Future[str | None], screen: Screen) -> None:
        """Both answers are there, or the real one broke off and there is nothing to compare with."""
        outcome = outcome_of_status(self._status or 500)
        try:
            if outcome is Outcome.COMPLETED:
                await self._keep(screen)
                self._compare(await theirs)
        finally:
            self.ended(outcome, None)

    def broke(self, error: GatewayError) -> None:
        self.ended(outcome_of(error, delivered=self._journal.delivered), error)

    def ended(self, outcome: Outcome, error: GatewayError | None) -> None:
        status = self._status if error is None else error.status
        record = self._journal.record(outcome, error_code=error.code if error else None, status=status)
        self._log.append_soon(self._journal.completion(record))

    async def _keep(self, screen: Screen) -> None:
        if not self._exchange.obligations.record_content:
            return
        try:
            await self._journal.keep(await screen(self._exchange, self._heard.text))
        except GatewayError as error:
            await self._journal.keep(Content(missing=f"The reply is not kept ({error.code})."))

    def _compare(self, theirs: str | None) -> None:
        """Whether they say the same is told only where policy keeps what they say."""
        if theirs is None or self._exchange.shadow is None:
            return
        ours, keeps = self._heard.text[:_COMPARED], self._exchange.obligations.record_content
        likeness = Likeness(
            length=length_ratio(ours, theirs),
            equal=ours == theirs if keeps else None,
            overlap=overlap(ours, theirs) if keeps else None,
        )
        self._exchange = self._exchange.learn(shadow=Shadowed(of=self._exchange.shadow.of, likeness=likeness))


class _Overheard(AsyncGenerator[JsonObject, None]):
    """The real answer as it is. Whoever compares hears what it said when it has come to its end, and None if it did not."""

    def __init__(self, body: Body, surface: Surface, told: asyncio.Future[str | None]) -> None:
        self._body = body
        self._heard = Heard(surface)
        self._told = told

    async def asend(self, value: None) -> JsonObject:
        try:
            event = await self._body.asend(value)
        except StopAsyncIteration:
            self._tell(self._heard.text[:_COMPARED])
            raise
        except BaseException:
            self._tell(None)
            raise
        self._heard.see(event)
        return event

    async def athrow(self, *error: Any) -> JsonObject:
        return await self._body.athrow(*error)

    async def aclose(self) -> None:
        try:
            await self._body.aclose()
        finally:
            self._tell(None)

    def _tell(self, text: str | None) -> None:
        if not self._told.done():
            self._told.set_result(text)


def _copied(exchange: Exchange, share: Share) -> Exchange:
    """The exchange as its copy: without what it was asked in clear, the credential, and what is true only of the original."""
    to = share.deployment
    return exchange.but(
        call_id=exchange.call_id + COPY,
        request=None,
        credential=None,
        deployment=to.id,
        route_reason=f"shadow, which gets a copy of {share.percent:g} %",
        attempts=(),
        served=Served(model=to.model, version=to.version, digest=to.digest, external=to.external),
        cache=CacheState.NONE,
        cached_from=None,
        shadow=Shadowed(of=exchange.call_id),
    )
