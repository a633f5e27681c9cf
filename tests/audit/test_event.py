"""The record says who, what and how it ended, and cannot say what was written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from gateway.audit.event import (
    ExchangeRecord,
    Outcome,
    Timings,
)
from gateway.audit.journal import NoJournal
from gateway.audit.noting import outcome_of, outcome_of_status, record_of
from gateway.errors import (
    AuditUnavailable,
    EntityBlocked,
    GatewayError,
    MalformedBody,
    ModelNotFound,
    PolicyDenied,
    RateLimited,
    Unauthenticated,
    UpstreamTimeout,
    UpstreamTruncated,
)
from gateway.exchange import CacheState, Decision, Exchange, FindingCount, Principal
from gateway.obligations import EntityRules, Obligations, OperatorKind, Price
from gateway.protocol.facts import Facts
from gateway.protocol.usage import Usage
from gateway.protocol.wire import Surface

SECRET = "alice@example.com"


async def intake() -> bytes:
    return SECRET.encode()


def obligations(*, record_content: bool = False) -> Obligations:
    rules = EntityRules(OperatorKind.PLACEHOLDER)
    return Obligations(request=rules, reply=rules, restore=True, record_content=record_content)


def decision(*, allow: bool = True, record_content: bool = False) -> Decision:
    granted = obligations(record_content=record_content) if allow else None
    return Decision(allow=allow, rule="tenants.acme", reason="ok", policy_version="v1", obligations=granted)


def exchange(**facts: Any) -> Exchange:
    start = Exchange(
        call_id="c-1",
        surface=Surface.CHAT,
        journal=NoJournal(),
        intake=intake,
        credential=SECRET,
        request={"model": "m", "messages": [{"role": "user", "content": SECRET}]},
    )
    return start.learn(**facts)


def record(subject: Any, **facts: Any) -> ExchangeRecord:
    defaults: dict[str, Any] = {
        "opened_at": "2026-01-02T03:04:05.678Z",
        "outcome": Outcome.COMPLETED,
        "usage": Usage(),
        "timings_ms": Timings(),
    }
    return record_of(subject, **defaults | facts)


class Watched:
    """Passes reads on to an exchange and remembers their names."""

    def __init__(self, inner: Exchange) -> None:
        self._inner = inner
        self.reads: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.reads.add(name)
        return getattr(self._inner, name)


def test_a_record_is_made_without_reading_what_the_client_sent() -> None:
    watched = Watched(exchange(decision=decision(record_content=True), model="m"))
    made = record(watched, content={"reply/0": "ab12"})
    assert watched.reads.isdisjoint({"request", "credential", "intake", "redacted"})
    assert {"principal", "decision", "findings", "deployment"} <= watched.reads
    assert SECRET not in made.to_json()
    assert SECRET not in repr(made)


def test_models_that_helped_come_back() -> None:
    of = exchange(
        decision=replace(decision(), helpers=("painter", "")), facts=Facts(model="m", surface=Surface.RESPONSES, bytes=9)
    )
    told = record(of)
    assert told.asked is not None
    assert told.asked.helpers == ("painter", "")
    assert ExchangeRecord.from_json(told.to_json()) == told
    older = orjson.loads(told.to_json())
    del older["asked"]["helpers"]
    again = ExchangeRecord.from_json(orjson.dumps(older)).asked
    assert again is not None
    assert again.helpers == ()


def test_json_gives_the_same_record_back() -> None:
    found = FindingCount(entity="PERSON", operator=OperatorKind.PLACEHOLDER, recognizer="tagger", count=2, max_score=0.85)
    whole = record(
        exchange(
            principal=Principal(tenant="acme", id="bob", key_id="pg-1"),
            model="smol/lm:2",
            stream=True,
            decision=decision(record_content=True),
            findings=(found,),
            deployment="local",
            route_reason="the first of 2 that policy lets through",
            conversation="conv_12",
            cache=CacheState.MISS,
            trace_id="0af7651916cd43dd8448eb211c80319c",
            facts=Facts(model="smol/lm:2", surface=Surface.CHAT, bytes=321),
        ),
        usage=Usage(input_tokens=3, output_tokens=4, finish_reasons=("stop",), response_id="r-1", response_model="m"),
        timings_ms=Timings(decided=0.5, committed=1.5, first_event=2.0, total=3.25),
        status=200,
        content={"request/0": "ab12"},
        content_missing="The reply is not kept (detection_unavailable).",
    )
    assert ExchangeRecord.from_json(whole.to_json()) == whole
    bare = record(exchange(), outcome=Outcome.DENIED, error_code="invalid_api_key", status=401)
    assert ExchangeRecord.from_json(bare.to_json()) == bare


@pytest.mark.parametrize("change", [{"usage": "none"}, {"surface": "fax"}, {"decision": [1]}, {"attempts": 3}])
def test_what_this_version_cannot_read_is_told_in_one_way(change: dict[str, Any]) -> None:
    written = orjson.loads(record(exchange()).to_json())
    assert ExchangeRecord.read(orjson.dumps(written)) == record(exchange())
    for text in (orjson.dumps(written | change), b"[]", b"{}", b"null", b"{"):
        with pytest.raises(ValueError, match="no record of an exchange"):
            ExchangeRecord.from_json(text)
        assert ExchangeRecord.read(text) is None


def test_a_model_that_no_rule_allowed_is_free_text_and_stays_out() -> None:
    assert record(exchange(model=SECRET)).model is None
    assert record(exchange(model="smollm2", decision=decision(allow=False))).model is None
    assert record(exchange(model="smollm2", decision=decision())).model == "smollm2"


@pytest.mark.parametrize("text", [SECRET, "张伟", "two words", "x" * 129, "", "a\nb", '{"a":1}'])
def test_names_that_others_chose_are_kept_only_as_identifiers(text: str) -> None:
    usage = Usage(finish_reasons=("stop", text), response_id=text, response_model=text)
    made = record(exchange(model=text, decision=decision()), usage=usage)
    assert made.model is None
    assert made.usage == Usage(finish_reasons=("stop", "other"))


def priced(**price: float) -> Decision:
    return replace(decision(), obligations=replace(obligations(), price=Price(**price)))


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (Usage(), None),  # the backend told nothing
        (Usage(finish_reasons=("stop",)), None),
        (Usage(input_tokens=1_000), 150),
        (Usage(input_tokens=1_000, output_tokens=501), 451),  # rounded up to a millionth
        (Usage(input_tokens=2**62), None),  # nobody's usage
    ],
)
def test_what_it_cost_is_counted_by_the_policys_price(usage: Usage, cost: int | None) -> None:
    assert record(exchange(decision=priced(input=0.15, output=0.6)), usage=usage).cost == cost
    assert record(exchange(), usage=usage).cost is None  # nobody decided, so nothing has a price


@pytest.mark.parametrize(("cache", "cost"), [(CacheState.HIT, 0), (CacheState.STALE, 2), (CacheState.MISS, 2)])
def test_what_the_cache_answered_cost_nothing(cache: CacheState, cost: int) -> None:
    answered = exchange(decision=priced(input=1.0), cache=cache, cached_from="call_1")
    made = record(answered, usage=Usage(input_tokens=2))
    assert (made.cache, made.cached_from, made.cost) == (cache, "call_1", cost)
    assert ExchangeRecord.from_json(made.to_json()) == made


def test_the_size_is_that_of_the_clients_body() -> None:
    assert record(exchange()).request_bytes == 0
    assert record(exchange(facts=Facts(model="m", surface=Surface.CHAT, bytes=99))).request_bytes == 99


def test_content_that_an_older_gateway_wrote_into_the_body_is_not_taken_for_a_digest() -> None:
    old = orjson.loads(record(exchange()).to_json()) | {"content": {"request": {"messages": []}, "reply": "<PERSON_1>"}}
    assert ExchangeRecord.from_json(orjson.dumps(old)).content is None


@pytest.mark.parametrize(
    ("error", "before", "within"),
    [
        (PolicyDenied("no"), Outcome.DENIED, Outcome.DENIED),
        (EntityBlocked("no"), Outcome.DENIED, Outcome.DENIED),
        (ModelNotFound("no"), Outcome.DENIED, Outcome.DENIED),
        (Unauthenticated("no"), Outcome.DENIED, Outcome.DENIED),
        (MalformedBody("no"), Outcome.REJECTED, Outcome.REJECTED),
        (RateLimited("no"), Outcome.REJECTED, Outcome.REJECTED),
        (AuditUnavailable("no"), Outcome.FAILED, Outcome.TRUNCATED),
        (UpstreamTimeout("no"), Outcome.FAILED, Outcome.TRUNCATED),
        (UpstreamTruncated("no"), Outcome.FAILED, Outcome.TRUNCATED),
    ],
)
def test_outcomes_follow_from_the_error_and_what_was_delivered(error: GatewayError, before: Outcome, within: Outcome) -> None:
    assert outcome_of(error, delivered=False) is before
    assert outcome_of(error, delivered=True) is within


def test_a_backends_own_error_is_an_outcome_too() -> None:
    assert [outcome_of_status(status) for status in (200, 400, 429, 500)] == [
        Outcome.COMPLETED,
        Outcome.REJECTED,
        Outcome.REJECTED,
        Outcome.FAILED,
    ]
