"""Lays passages of the company's documents before a question, and tells the client where the answer cites them.

It stands around `redact`: what it asks the library is pseudonymised by the library's own rules, and what it puts into a request
is inspected, counted and replaced there together with all that the client wrote. So a person has one placeholder in prompt,
passages and answer, and the cache, which lies further in, sees passages as a part of the question (docs/adr/0044).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from time import time

from gateway.errors import InvalidRequest, PolicyDenied
from gateway.exchange import Body, Exchange, Grounding, Journal, Principal, Reply, Storing
from gateway.exchange.content import Content, Hit
from gateway.exchange.relay import JournalRelay
from gateway.grounding.again import reading
from gateway.grounding.asked import CALL_PREFIX, FIELD, Asked, asked_of, without_asking, without_told
from gateway.grounding.cited import cited
from gateway.grounding.cited_response import file_search_call
from gateway.grounding.context import block, fitting, numbered
from gateway.grounding.given import Given
from gateway.grounding.question import last_turn
from gateway.grounding.sources import Found, Sources
from gateway.grounding.unanswered import Unanswered
from gateway.grounding.wording import Wording, wording_of
from gateway.knowledge.library import Passage
from gateway.limits.estimate import rough_tokens
from gateway.obligations import GroundingTerms, Obligations
from gateway.pipeline import Proceed
from gateway.protocol.facts import SPOKEN_IN, lenient_number
from gateway.protocol.guidance import refuse_undoing
from gateway.protocol.wire import JsonObject, Surface

HEADER = "x-gateway-documents"
"""How many passages the answer was grounded on, and how many of them read like instructions."""

_MOST_ANSWERS = 128
"""As in OpenAI's API."""
_BY_FIELD = (Surface.CHAT, Surface.COMPLETIONS)

Lengths = Callable[[str | None, Sequence[str]], Awaitable[list[int] | None]]
"""Tokens of texts, by the tokenizer of a deployment; None where there is none."""


class Ground:
    def __init__(self, sources: Sources, lengths: Lengths) -> None:
        self._sources = sources
        self._lengths = lengths

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        terms = exchange.obligations.grounding
        asks_us = terms is not None or exchange.surface in _BY_FIELD  # without documents of ours a search is the backend's
        asked = asked_of(exchange.request or {}, exchange.surface) if asks_us else None
        if terms is None:
            _refuse_ungranted(asked)
        if asked is not None or (exchange.surface in _BY_FIELD and FIELD in (exchange.request or {})):
            exchange = _unasked(exchange)
        exchange = _untold(exchange, granted=terms is not None)
        if terms is None or (asked is None and not terms.always):
            return await proceed(exchange)
        return await self._grounded(exchange, terms, asked or Asked(), proceed)

    async def _grounded(self, exchange: Exchange, terms: GroundingTerms, asked: Asked, proceed: Proceed) -> Reply:
        who = exchange.principal
        if who is None or exchange.request is None:
            raise LookupError("ground runs after authenticate and receive")
        given = await self._given(exchange, who, exchange.request, terms, asked)
        if given is None:
            _refuse_unasked(exchange.surface, terms)
            return await proceed(exchange)
        if terms.says_so:
            refuse_undoing(exchange.request)
        request, laid = given.laid_before(exchange.request, exchange.surface)
        exchange = exchange.learn(request=request, grounding=Grounding(terms=terms, hits=given.hits, laid=laid))
        journal = _Watching(exchange.journal, exchange.obligations, given.hits)
        if terms.says_so and not given.sources:
            reply = _unanswered(exchange, given.wording, quoted=asked.tool)
        else:
            reply = await proceed(exchange.but(journal=journal))
        try:
            await journal.keep_passages()
            files = await self._sources.files(who, given, journal.obligations, texts=asked.results)
        except BaseException:  # nobody is going to read it
            await reply.body.aclose()
            raise
        call = file_search_call(_id(CALL_PREFIX), given.turn.query, files, results=asked.results) if asked.tool else None
        reply = cited(reply, exchange.surface, files, call)
        return replace(reply, headers={**reply.headers, HEADER: given.in_words})

    async def _given(
        self, exchange: Exchange, who: Principal, request: JsonObject, terms: GroundingTerms, asked: Asked
    ) -> Given | None:
        """None where the user says nothing that documents could be asked."""
        turn = last_turn(request, exchange.surface)
        if turn is None:
            return None
        wording, found = wording_of(turn.query), Found()
        places = _places(terms.collections, asked.collections)
        if places is None or places:
            few = replace(terms, passages=min(terms.passages, asked.passages or terms.passages))
            found = await self._sources.found(who, turn.query, few, places, reading(exchange.obligations).request)
        near = [one for one in found.passages if one.score >= asked.least]
        chosen = await self._fitting(exchange, near, terms.tokens, wording)
        return Given(turn=turn, wording=wording, sources=numbered(chosen), values=found.values, origins=found.origins)

    async def _fitting(
        self, exchange: Exchange, passages: Sequence[Passage], budget: int, wording: Wording
    ) -> Sequence[Passage]:
        """As many as policy has tokens for, by the tokenizer of the deployment that it prefers, or by a rough rule."""
        if not passages:
            return ()
        blocks = [block(one, number, wording) for number, one in enumerate(passages, start=1)]
        preferred = next((place.id for place in exchange.obligations.deployments), None)
        lengths = await self._lengths(preferred, blocks)
        return fitting(passages, lengths if lengths is not None else list(map(rough_tokens, blocks)), budget)


class _Watching(JournalRelay):
    """Notes what policy demands in the end: its second look comes further in. Only then is it clear how long it is kept which
    passages there were.
    """

    def __init__(self, journal: Journal, obligations: Obligations, passages: tuple[Hit, ...]) -> None:
        super().__init__(journal)
        self.obligations = obligations
        self._passages = passages
        self._keeping = asyncio.Lock()

    async def commit(self) -> None:
        await self.keep_passages()
        await super().commit()

    async def keep_passages(self) -> None:
        """Once: with the exchange's opening, or, where the cache answered, with its completion. Raises as `keep` does."""
        async with self._keeping:
            if self._passages:
                await self.keep(Content(passages=self._passages))
                self._passages = ()

    def observe(self, exchange: Exchange) -> None:
        decision = exchange.decision
        if decision is not None and decision.obligations is not None:
            self.obligations = decision.obligations
        super().observe(exchange)


def _unasked(exchange: Exchange) -> Exchange:
    """The exchange without the words that ask for documents, which are for us."""
    return exchange.learn(request=without_asking(exchange.request or {}, exchange.surface))


def _untold(exchange: Exchange, *, granted: bool) -> Exchange:
    """The exchange without what earlier answers of ours told of documents."""
    request = exchange.request or {}
    left = without_told(request, exchange.surface, granted=granted)
    return exchange if left is request else exchange.learn(request=left)


def _refuse_ungranted(asked: Asked | None) -> None:
    """Raises PolicyDenied."""
    if asked is not None:
        raise PolicyDenied("Policy grants this caller no documents.", param=FIELD)


def _refuse_unasked(surface: Surface, terms: GroundingTerms) -> None:
    """Raises InvalidRequest where nothing may be said beside documents, and these cannot be asked: words that stand with no
    user, but with the system, would have a model answer from anything.
    """
    if terms.says_so and surface.speaks:
        message = "This answer is to be grounded in documents: say what you ask in a message of the user."
        raise InvalidRequest(message, param=SPOKEN_IN[surface])


def _places(granted: frozenset[str] | None, asked: tuple[str, ...] | None) -> frozenset[str] | None:
    """Of the collections that are asked for, those that are granted; None means all."""
    if asked is None:
        return granted
    return frozenset(asked) if granted is None else granted & frozenset(asked)


def _unanswered(exchange: Exchange, wording: Wording, *, quoted: bool) -> Reply:
    """No model is asked, and so none can say more than the documents do. Rules on findings are not asked either, and one may
    forbid that items are kept: where there are such, no question is kept that is `quoted` beside the answer.
    """
    request = exchange.request or {}
    count = min(max(lenient_number(request.get("n")), 1), _MOST_ANSWERS)
    answer = Unanswered(text=wording.nothing, model=exchange.model or "", id=_id(), now=int(time()), count=count)
    options = request.get("stream_options")
    with_usage = isinstance(options, dict) and bool(options.get("include_usage"))
    body = _said(answer, exchange.surface, exchange.stream, with_usage)
    reviewed = exchange.decision is not None and exchange.decision.review is not None
    kept = exchange.obligations.store_s and not (quoted and reviewed)
    storing = Storing(exchange.obligations, lambda: ()) if kept else None
    return Reply(status=200, streaming=exchange.stream, body=body, storing=storing)


async def _said(answer: Unanswered, surface: Surface, streaming: bool, with_usage: bool) -> Body:
    for event in answer.events(surface, streaming=streaming, with_usage=with_usage):
        yield event


def _id(prefix: str = "") -> str:
    return prefix + secrets.token_hex(16)
