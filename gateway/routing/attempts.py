"""The calls that one exchange takes until it has its answer: each to a deployment that policy lets through, and all of them
before the first byte of an answer. After it nothing is repeated: the client has read what it has read.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.errors import GatewayError, Overloaded, UnsupportedParameter, UpstreamError, UpstreamTimeout, UpstreamUnreachable
from gateway.exchange import Reply
from gateway.routing.budget import full_jitter_s
from gateway.routing.choice import Choice
from gateway.routing.errand import Errand, Place, Shared, Told, Tried
from gateway.routing.hedge import first_good
from gateway.routing.seating import Seating
from gateway.routing.verdict import code_of, cost_nothing, is_for_another, is_for_free, is_unsupported, may_ask_again


class Attempts:
    """Of one exchange."""

    def __init__(self, errand: Errand, shared: Shared) -> None:
        self._errand = errand
        self._shared = shared
        self._seating = Seating(errand, shared)
        self._budget = shared.budgets.of(errand.tenant)
        self._told: Told = ()
        self._costly = 0
        self._retry_after: int | None = None
        self._deadline: float | None = None
        self._began = 0.0

    async def answer(self) -> Reply:
        """Raises UpstreamError where no deployment has an answer, UnsupportedParameter where none can take the request, and
        Overloaded where none has a place.
        """
        if not self._errand.deployments:
            raise UpstreamUnreachable("No deployment serves this model.")
        place = self._seating.newcomer() or await self._seating.wait()
        self._began = asyncio.get_running_loop().time()
        while True:
            tried = await self._call(place)
            if tried.good:
                return self._won(tried)
            try:
                following = await self._next(tried)
            except BaseException:
                await tried.drop()
                raise
            if following is None:
                return await self._lost(tried)
            await tried.drop()
            place = following

    async def _call(self, place: Place) -> Tried:
        after_s = self._errand.terms.hedge_after_s
        if after_s is None or not self._budget.left:
            return await self._send(place)
        return await first_good(self._send, place, self._spare, self._outrun, after_s)

    async def _send(self, place: Place) -> Tried:
        try:
            reply = await self._in_time(place)
        except UpstreamError as error:
            unreached = cost_nothing(error)
            place.seat.failed(unreached=unreached)
            self._failed(place, error.code, error.retry_after, costly=not unreached)
            place.seat.leave()
            return Tried(place, error)
        except UnsupportedParameter as error:  # nothing was sent
            self._failed(place, error.code, None, costly=False)
            place.seat.leave()
            return Tried(place, error)
        except BaseException:
            place.seat.leave()
            raise
        if is_for_another(reply):
            self._failed(place, code_of(reply), reply.retry_after, costly=True)
            place.seat.leave()
            return Tried(place, reply)
        place.seat.answered()
        return Tried(place, reply, good=True)

    async def _in_time(self, place: Place) -> Reply:
        """Calls after the first have the time that it left."""
        if self._deadline is None:
            return await self._errand.send(place, self._told)
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._errand.send(place, self._told)
        except TimeoutError:
            raise UpstreamTimeout("the backends did not answer within the time limit") from None

    def _failed(self, place: Place, result: str, retry_after: int | None, *, costly: bool) -> None:
        if self._told and not is_for_free(result):
            self._budget.spend()
        self._told += (place.attempt(result, self._errand.elapsed_ms()),)
        self._costly += costly
        if retry_after is not None:
            place.seat.rest(retry_after)
            self._retry_after = retry_after if self._retry_after is None else min(retry_after, self._retry_after)

    def _spare(self) -> Place | None:
        """For a second call at the same time."""
        spare = self._seating.spare() if self._budget.left else None
        if spare is not None:
            self._budget.spend()
        return spare

    def _outrun(self, place: Place) -> None:
        place.seat.outrun()
        self._told += (place.attempt("abandoned", self._errand.elapsed_ms()),)

    async def _next(self, tried: Tried) -> Place | None:
        """Where to try next; None where it is over."""
        if self._costly > self._errand.terms.retries or not self._budget.left or not self._is_time_left(tried):
            return None
        if not self._seating.left:
            return await self._once_more(tried)
        try:
            place = self._seating.take() or await self._seating.wait()
        except Overloaded:
            return None
        before = ", ".join(dict.fromkeys(attempt.deployment for attempt in self._told))
        choice = Choice(place.choice.deployment, f"after {before}: {place.choice.reason}")
        return replace(place, choice=choice)

    def _is_time_left(self, tried: Tried) -> bool:
        if self._deadline is None:
            total_s = self._errand.total_s(tried.place.choice.deployment)
            self._deadline = self._began + total_s if total_s else None  # else a new policy has dropped it meanwhile
        return self._deadline is None or asyncio.get_running_loop().time() < self._deadline

    async def _once_more(self, tried: Tried) -> Place | None:
        """The same deployment, after a pause, where it cannot have begun to work."""
        error = tried.outcome
        if not isinstance(error, UpstreamError) or error.retry_after is not None or not may_ask_again(error):
            return None
        self._costly += cost_nothing(error)  # to reach nobody costs nothing, but must come to an end
        if self._costly > self._errand.terms.retries:
            return None
        await asyncio.sleep(full_jitter_s(len(self._told) - 1, self._shared.draw()))
        return self._seating.seated(Choice(tried.place.choice.deployment, "once more, because no answer began"))

    def _won(self, tried: Tried) -> Reply:
        if self._told:
            self._shared.suspects.acquit(self._errand.cause())
        else:
            self._budget.earn()
        self._told += (tried.place.attempt("answered", self._errand.elapsed_ms()),)
        return self._reply(tried)

    async def _lost(self, tried: Tried) -> Reply:
        """What the last one said, with the soonest time that any of them named. But what one cannot take is no answer where
        another only failed: it may take it soon.
        """
        if is_unsupported(tried.outcome) and not all(is_for_free(attempt.result) for attempt in self._told):
            await tried.drop()
            self._errand.note(tried.place.choice, self._told)
            message = "The deployments that may take this request have failed, and the others cannot take it."
            raise UpstreamError(message, retry_after=self._retry_after)
        if isinstance(tried.outcome, GatewayError):
            tried.outcome.retry_after = self._retry_after
        else:
            tried = replace(tried, outcome=replace(tried.outcome, retry_after=self._retry_after))
        return self._reply(tried)

    def _reply(self, tried: Tried) -> Reply:
        self._errand.note(tried.place.choice, self._told)
        if isinstance(tried.outcome, GatewayError):
            raise tried.outcome
        return tried.outcome
