"""Only so much: requests, tokens, spend and open exchanges are counted before anything is done for them.

Tokens and spend are estimated first and settled when the reply has ended, however it ends. An exchange that never reached
a backend costs a request and nothing else; one whose backend told no usage costs what was estimated, or a token for each
event of a stream, or what the length of its text comes to, where those are more.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

from gateway.errors import UpstreamError, UpstreamUnreachable
from gateway.exchange import Body, Exchange, Journal, Reply
from gateway.exchange.relay import JournalRelay
from gateway.fhe.relay.pipe import Pipe
from gateway.grounding.asked import asked_of
from gateway.limits.estimate import Estimate, estimate, settled
from gateway.limits.limiter import Costs, Limiter, Permit
from gateway.obligations import Price
from gateway.pipeline import Proceed
from gateway.protocol.usage import UsageSource

LOCALLY_HEADER = "x-gateway-limits"
"""Says so where this process counted by itself."""

_NO_WORK_DONE = frozenset({UpstreamError.code, UpstreamUnreachable.code})
"""The backend was not reached, or answered that it failed. One that was too slow may have worked all the same."""


class Limit:
    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.request is None or exchange.facts is None:
            raise LookupError("limit runs after receive")
        limits, price = exchange.obligations.limits, exchange.obligations.price
        if not limits:
            return await proceed(exchange)
        estimated = _announced(exchange) or _with_documents(estimate(exchange.request, exchange.facts), exchange)
        permit = await self._limiter.acquire(limits, estimated.costs(price), locally=exchange.obligations.limits_locally)
        if permit.locally:
            exchange = exchange.learn(counted_locally=True)
        return await _Account(permit, estimated, price, exchange.journal).answer(exchange, proceed)


def _announced(exchange: Exchange) -> Estimate | None:
    """What a caller of frames, which nobody can count before they come, says that it will need; more does not pass."""
    if not isinstance(exchange.intake, Pipe):
        return None
    return Estimate(exchange.intake.announced.prompt, exchange.intake.announced.answer)


def _with_documents(estimated: Estimate, exchange: Exchange) -> Estimate:
    """With the most that documents may add to the request further in."""
    terms = exchange.obligations.grounding
    if terms is None or not (terms.always or asked_of(exchange.request or {}, exchange.surface)):
        return estimated
    return replace(estimated, input_tokens=estimated.input_tokens + terms.tokens)


class _Account:
    """What one exchange holds of its limits, from the permit to the end of its reply."""

    def __init__(self, permit: Permit, estimated: Estimate, price: Price, journal: Journal) -> None:
        self._permit = permit
        self._estimated = estimated
        self._price = price
        self._journal = _Watched(journal)
        self._refused = False
        self._whole = False
        self._events = 0

    async def answer(self, exchange: Exchange, proceed: Proceed) -> Reply:
        try:
            reply = await proceed(exchange.but(journal=self._journal))
        except BaseException as error:
            self._refused = isinstance(error, UpstreamError) and error.code in _NO_WORK_DONE
            await self._close()
            raise
        self._refused = reply.status >= 400
        metered = reply.through(lambda body: self._metered(body, streaming=reply.streaming))
        # A generator that never started runs no `finally` when it is closed: start it, up to its first, empty yield.
        await anext(metered.body)
        locally = {LOCALLY_HEADER: "counted-locally"} if self._permit.locally else {}
        return replace(metered, headers={**reply.headers, **self._permit.headers, **locally})

    async def _metered(self, body: Body, *, streaming: bool) -> Body:
        """The reply as it is. The first, empty event is for `answer` alone."""
        try:
            async with aclosing(body) as deltas:
                yield {}
                async for delta in deltas:
                    self._events += streaming
                    yield delta
            self._whole = True
        finally:
            await self._close()

    async def _close(self) -> None:
        try:
            await self._permit.settle(self._actual())
        finally:
            await self._permit.release()

    def _actual(self) -> Costs:
        usage = self._journal.usage
        guessed = usage.output_tokens or 0 if usage.source is UsageSource.ESTIMATED else 0
        came = replace(self._estimated, output_tokens=max(self._estimated.output_tokens, self._events, guessed))
        known = settled(came, usage)
        if known is None and (self._refused or not self._journal.reached_upstream):
            return Costs()
        if known is not None and not self._whole and usage.source is UsageSource.REPORTED:  # the rest may be told at the end
            known = Estimate(known.input_tokens, max(known.output_tokens, self._events))
        return (known or came).costs(self._price)


class _Watched(JournalRelay):
    """The exchange's journal, which is asked to commit just before the upstream's first byte: from then on work is done."""

    reached_upstream = False

    async def commit(self) -> None:
        await super().commit()
        self.reached_upstream = True
