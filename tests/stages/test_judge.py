"""A request is judged where policy asks, by the classifier that it names; without one, nothing goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import ProtectionUnavailable
from gateway.exchange import Body, Decision, Exchange, Principal, Reply
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.protocol.wire import JsonObject, Surface
from gateway.rules.sensitivity import ClassifierRef, ContentTerms
from gateway.sensitivity.classifiers import Classifiers
from gateway.sensitivity.weights import STARTER_DIGEST
from gateway.stages.judge import Judge

RULES = EntityRules(OperatorKind.KEEP)
STARTER = ClassifierRef(STARTER_DIGEST)
ILL = "She was diagnosed with breast cancer; the oncologist suggests chemotherapy."
CHAT: JsonObject = {"model": "small", "messages": [{"role": "user", "content": ILL}, {"role": "user", "content": "ok"}]}


async def intake() -> bytes:
    return b""


async def passed_on(content: ContentTerms | None, request: JsonObject = CHAT) -> Exchange:
    obligations = Obligations(request=RULES, reply=RULES, restore=True, content=content)
    decision = Decision(allow=True, rule="r", reason="", policy_version="v", obligations=obligations)
    start = Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=intake)
    seen: list[Exchange] = []

    async def body() -> Body:
        yield {}

    async def proceed(exchange: Exchange) -> Reply:
        seen.append(exchange)
        return Reply(status=200, streaming=False, body=body())

    arriving = start.learn(principal=Principal(tenant="acme", id="app"), request=request, decision=decision)
    await Judge(Classifiers())(arriving, proceed)
    return seen[0]


async def test_nothing_is_judged_that_nobody_asks_about() -> None:
    assert (await passed_on(None)).content == ()


async def test_the_whole_request_is_judged() -> None:
    (told,) = (await passed_on(ContentTerms(classifier=STARTER))).content
    assert told.decides
    assert told.weights == STARTER.short
    assert told.scores["health"] >= 0.5
    tool = {"type": "function", "function": {"name": "f", "description": ILL}}
    (of_tools,) = (await passed_on(ContentTerms(classifier=STARTER), {"model": ILL, "tools": [tool]})).content
    assert of_tools.scores["health"] >= 0.5
    (of_nothing,) = (await passed_on(ContentTerms(classifier=STARTER), {"model": ILL})).content
    assert of_nothing.scores["health"] < 0.2, "the model's name is no content"


@pytest.mark.parametrize(("percent", "decides"), [(0.0, [True, False]), (100.0, [False, True])])
async def test_a_trial_is_recorded_and_decides_for_its_share(tmp_path: Path, percent: float, decides: list[bool]) -> None:
    trial = ClassifierRef("sha256:" + "0" * 64, tmp_path / "none.npz")
    terms = ContentTerms(classifier=STARTER, trial=trial, percent=percent)
    assert [one == terms.deciding("acme", "app") for one in (STARTER, trial)] == decides
    with pytest.raises(ProtectionUnavailable):
        await passed_on(terms)


def test_a_share_of_callers_is_a_share_and_stays_the_same() -> None:
    terms = ContentTerms(classifier=STARTER, trial=ClassifierRef("sha256:" + "1" * 64), percent=10.0)
    drawn = [terms.deciding("acme", f"user-{n}") for n in range(2_000)]
    assert 150 < sum(one == terms.trial for one in drawn) < 250
    assert drawn == [terms.deciding("acme", f"user-{n}") for n in range(2_000)]
