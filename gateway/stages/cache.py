"""The same question need not cost twice: an answer that was given before, or that is on its way for somebody else.

It stands inside `redact` and sees placeholders only. That is what makes sharing safe (docs/adr/0030): equal bodies have equal
answers whoever sent them, and each caller's own values are put back around this stage.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from functools import partial

from gateway.caching.admission import Admission
from gateway.caching.answer import CachedAnswer
from gateway.caching.answers import Answers, Slot
from gateway.caching.directives import Directives, directives_of
from gateway.caching.fitness import may_be_cached
from gateway.caching.flight import begun
from gateway.caching.flights import Errand, Flights, Trip
from gateway.caching.question import Question, question_of
from gateway.caching.replay import recorded, renewed
from gateway.caching.semantic.rewordings import Rewordings, Wording
from gateway.errors import NotCached, UpstreamTruncated
from gateway.exchange import Body, CacheState, Exchange, Reply
from gateway.obligations import CacheMode
from gateway.pipeline import Proceed
from gateway.protocol.usage import Tally

STATE_HEADER = "x-gateway-cache"
MATCH_HEADER = "x-gateway-cache-match"
"""Says `semantic` where the question was asked in other words."""

_OK = 200
_FLIGHTS_TRIED = 2
"""So often a caller waits for a call of somebody else's that then fails, before it makes its own."""


class Cache:
    """`paced`: a stream that was kept is given out with the pauses in which it came. `rewordings` finds questions that were
    asked in other words, for those whose policy wants that.
    """

    def __init__(
        self, answers: Answers, flights: Flights, *, paced: bool = False, rewordings: Rewordings | None = None
    ) -> None:
        self._answers = answers
        self._flights = flights
        self._paced = paced
        self._rewordings = rewordings

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.obligations.cache is CacheMode.NONE:
            return await proceed(exchange)
        directives = directives_of(exchange.stated.cache_control)
        question = question_of(exchange)
        slot = None if directives.no_store or not _fits(exchange, question) else await self._answers.slot(question)
        if slot is None:
            _refuse_unless(not directives.only_if_cached)
            return _told(await proceed(exchange.learn(cache=CacheState.BYPASS)), CacheState.BYPASS)
        reworded = await self._reworded(exchange, question, slot)
        visit = _Visit(self._answers, self._flights, directives, question, slot, reworded, paced=self._paced)
        return await visit.answer(exchange, proceed)

    async def _reworded(self, exchange: Exchange, question: Question, slot: Slot) -> _Reworded | None:
        own = exchange.obligations
        # What was found in documents is a part of the question, and must be the same to the letter.
        if self._rewordings is None or not own.caching.semantic or exchange.grounding is not None:
            return None
        if self._rewordings.elsewhere and own.routing.demanded:  # nobody knows whether that place meets the demands
            return None
        wording = await self._rewordings.wording(question, slot)
        return None if wording is None else _Reworded(self._rewordings, wording)


class _Reworded:
    """How one question is put, and where answers lie to the same in other words."""

    def __init__(self, rewordings: Rewordings, wording: Wording) -> None:
        self._rewordings = rewordings
        self._wording = wording

    async def found(self, answers: Answers) -> CachedAnswer | None:
        slot = await self._rewordings.same(self._wording)
        if slot is None:
            return None
        known = await answers.find(slot)
        if known.answer is None:
            await self._rewordings.drop(self._wording, slot)
        return known.answer

    async def remember(self, *, ttl_s: float, fence: bytes) -> None:
        await self._rewordings.remember(self._wording, ttl_s=ttl_s, fence=fence)


class _Visit:
    """One exchange before the cache."""

    def __init__(
        self,
        answers: Answers,
        flights: Flights,
        directives: Directives,
        question: Question,
        slot: Slot,
        reworded: _Reworded | None,
        *,
        paced: bool,
    ) -> None:
        self._answers = answers
        self._flights = flights
        self._directives = directives
        self._question = question
        self._slot = slot
        self._reworded = reworded
        self._paced = paced

    async def answer(self, exchange: Exchange, proceed: Proceed) -> Reply:
        ttl_s = exchange.obligations.caching.ttl_s
        shared = self._directives.accept(0, ttl_s)
        if shared and (reply := await self._joined(exchange)) is not None:
            return reply
        known = await self._answers.find(self._slot)
        if known.answer is not None and self._accept(known.answer, ttl_s):
            return self._hit(exchange, known.answer)
        if shared and (reply := await self._in_other_words(exchange, ttl_s)) is not None:
            return reply
        _refuse_unless(not self._directives.only_if_cached)
        exchange = exchange.learn(cache=CacheState.MISS if known.answer is None else CacheState.STALE)
        if shared and (reply := await self._joined(exchange)) is not None:  # begun while the store was asked
            return reply
        errand = Errand(
            slot=self._slot,
            call_id=exchange.call_id,
            admission=Admission(self._question, exchange.obligations.caching.max_bytes),
            fence=known.fence,
            ttl_s=ttl_s,
            shared=shared,
            call=lambda: proceed(exchange),
            accept=lambda answer: self._accept(answer, ttl_s),
            kept=None if self._reworded is None else partial(self._reworded.remember, ttl_s=ttl_s, fence=known.fence),
        )
        return await self._led(exchange, self._flights.begin(errand))

    def _accept(self, answer: CachedAnswer, ttl_s: float) -> bool:
        return self._directives.accept(self._answers.age_s(answer), ttl_s)

    async def _in_other_words(self, exchange: Exchange, ttl_s: float) -> Reply | None:
        answer = None if self._reworded is None else await self._reworded.found(self._answers)
        if answer is None or not self._accept(answer, ttl_s):
            return None
        reply = self._hit(exchange, answer)
        return replace(reply, headers={**reply.headers, MATCH_HEADER: "semantic"})

    async def _joined(self, exchange: Exchange) -> Reply | None:
        """The answer of a call that is under way; None where there is none, or where it failed before it said anything."""
        for _ in range(_FLIGHTS_TRIED):
            trip = self._flights.under_way(self._slot)
            if trip is None:
                return None
            reply = await self._aboard(exchange, trip)
            if reply is not None:
                return reply
        return None

    async def _aboard(self, exchange: Exchange, trip: Trip) -> Reply | None:
        passenger = trip.flight.board()
        if passenger is None:
            return None
        try:
            head = await passenger.head()
            await passenger.ready()
        except Exception:  # noqa: BLE001  (it is the leader's to tell; this exchange tries by itself)
            return None
        if head.status != _OK:
            passenger.leave()
            return None
        reply = Reply(status=_OK, streaming=head.streaming, body=await begun(passenger.events()))
        return self._given(exchange, reply.through(_unbroken), trip.made_by, trip=trip)

    async def _led(self, exchange: Exchange, trip: Trip) -> Reply:
        passenger = trip.flight.board(leads=True)
        if passenger is None:
            raise LookupError("a call of one's own can be joined before it has begun")
        head = await passenger.head()
        body = await begun(passenger.events())
        reply = Reply(
            status=head.status, streaming=head.streaming, body=body, retry_after=head.retry_after, headers=head.headers
        )
        if trip.kept is not None:
            return self._given(exchange, reply, trip.made_by, self._answers.age_s(trip.kept))
        return _told(reply, exchange.cache)

    def _hit(self, exchange: Exchange, answer: CachedAnswer) -> Reply:
        reply = Reply(status=_OK, streaming=answer.streaming, body=recorded(answer, paced=self._paced))
        return self._given(exchange, reply, answer.made_by, self._answers.age_s(answer))

    def _given(self, exchange: Exchange, reply: Reply, made_by: str, age_s: float = 0.0, trip: Trip | None = None) -> Reply:
        """An answer that this exchange's backend did not have to give."""
        exchange = exchange.learn(cache=CacheState.HIT, cached_from=made_by)
        now = self._answers.clock()
        reply = reply.through(lambda body: renewed(body, now)).through(lambda body: _noted(body, exchange, trip))
        return _told(reply, CacheState.HIT, {"age": str(int(age_s))})


def _fits(exchange: Exchange, question: Question) -> bool:
    own = exchange.obligations
    return may_be_cached(question.body, exchange.surface, always=own.caching.always, uninspected=bool(own.uninspected))


def _refuse_unless(allowed: bool) -> None:
    if not allowed:
        raise NotCached("The cache holds no answer to this request, and the request asks for no other.")


def _told(reply: Reply, state: CacheState, more: dict[str, str] | None = None) -> Reply:
    return replace(reply, headers={**reply.headers, STATE_HEADER: state.value, **(more or {})})


async def _unbroken(body: Body) -> Body:
    """The error that broke another's call is that other's; this exchange tells its own."""
    async with aclosing(body) as events:
        try:
            async for event in events:
                yield event
        except Exception:  # noqa: BLE001  (whatever it was, what comes of it is the same)
            raise UpstreamTruncated("The answer that this request shared broke off.") from None


async def _noted(body: Body, exchange: Exchange, trip: Trip | None) -> Body:
    """For the record: how it ended and which model spoke. No tokens, because none were spent; but of those who share a call
    whose leader has gone one pays for it: else two who ask together, and one who leaves, would pass every limit.
    """
    tally, pays = Tally(exchange.surface), False
    async with aclosing(body) as events:
        try:
            async for event in events:
                tally.see(event)
                if not pays and trip is not None and trip.inherit():
                    pays = True
                    await exchange.journal.commit()
                yield event
        except BaseException:
            if pays and trip is not None:
                trip.bequeath()
            raise
        finally:
            free = replace(tally.usage, input_tokens=None, output_tokens=None)
            exchange.journal.settle(tally.usage if pays else free)
