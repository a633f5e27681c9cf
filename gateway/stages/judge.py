"""What a request is about, judged where a rule of policy asks. The verdict is obeyed when policy is asked again, in `redact`.

It stands inside of everything that adds text to a request, and reads all of it but the model's name: instructions, the whole
conversation, tools and their results.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.exchange import ContentScores, Exchange, Principal, Reply
from gateway.pipeline import Proceed
from gateway.protocol.text_slots import read_slots
from gateway.protocol.wire import JsonObject
from gateway.redaction.passages import passages
from gateway.rules.sensitivity import ClassifierRef, ContentTerms
from gateway.sensitivity.classifiers import Classifiers


class Judge:
    def __init__(self, classifiers: Classifiers) -> None:
        self._classifiers = classifiers

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        terms = exchange.obligations.content
        if terms is None:
            return await proceed(exchange)
        if exchange.principal is None or exchange.request is None:
            raise LookupError("judge runs after authenticate and receive")
        text = "\n".join(_texts(exchange.request))
        return await proceed(exchange.learn(content=await self._judged(terms, exchange.principal, text)))

    async def _judged(self, terms: ContentTerms, who: Principal, text: str) -> tuple[ContentScores, ...]:
        deciding = terms.deciding(who.tenant, who.id)
        both = [terms.classifier, *([terms.trial] if terms.trial is not None else [])]
        return tuple([await self._scores(one, text, decides=one == deciding) for one in both])

    async def _scores(self, ref: ClassifierRef, text: str, *, decides: bool) -> ContentScores:
        return ContentScores(weights=ref.short, scores=await self._classifiers.scores(ref, text), decides=decides)


def _texts(request: JsonObject) -> Iterator[str]:
    slots = [slot for slot in read_slots(request) if slot.path != ("model",)]
    return (passage.text for passage in passages(slots))
