"""Promise 4, for the cache: a hit gives a caller what its own call to the backend would have given, and nothing of anybody's.

The first half is one property, on the real stages `redact` and `cache` over a backend that says whatever a model might: for
every sequence of requests the answers with a cache are those without one. The second half is a whole gateway.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.caching.answers import Answers
from gateway.caching.flights import Flights
from gateway.caching.memory import MemoryStore
from gateway.exchange import Exchange, Reply
from gateway.obligations import CacheMode, EntityRules, OperatorKind
from gateway.pipeline import Proceed, compose
from gateway.protocol.wire import JsonObject
from gateway.redaction.redactor import Redactor
from gateway.stages.cache import Cache
from gateway.stages.redact import Redact
from tests.caching.conftest import Keys, exchange
from tests.limits.conftest import RedisServer
from tests.promises.conftest import Pair
from tests.redaction.conftest import KnownValues
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.script import Request, Script, deltas, text, tool_calls
from tests.support.shapes import ToolCall

VALUES = {
    "Ann Lee": "PERSON",
    "Bob": "PERSON",
    "张伟": "PERSON",
    "Paris": "LOCATION",
    "Oslo": "LOCATION",
    "4111": "CREDIT_CARD",
}
KINDS = [kind.value for kind in OperatorKind if kind is not OperatorKind.BLOCK]
TYPED = ["<PERSON_1>", "<PERSON_2>", "person 1", "PERSON_1", "<LOCATION_1>", "<PERSON#0>", "hello", "\\u003cPERSON_1\\u003e"]
WORDS = st.lists(st.sampled_from([*VALUES, *TYPED]), min_size=1, max_size=4).map(" ".join)
RULES = st.fixed_dictionaries({entity: st.sampled_from(KINDS) for entity in ("PERSON", "LOCATION", "CREDIT_CARD")})
REQUESTS = st.lists(st.tuples(WORDS, st.sampled_from(["p", "q"]), st.booleans()), min_size=2, max_size=5)


def model_of(body: JsonObject) -> str:
    """A model: what it says depends on nothing but what it is sent. It repeats, and it makes up placeholders of its own."""
    said = body["messages"][0]["content"]
    choice = hashlib.sha256(orjson.dumps(body["messages"])).digest()[0] % 3
    return f"{said} | {said[::-1]} | <PERSON_{choice}> < person_2 > PERSON_3 <LOCATION_1>"


async def backend(asked: Exchange) -> Reply:
    assert asked.redacted is not None
    said = model_of(asked.redacted)

    async def stream() -> AsyncGenerator[JsonObject, None]:
        for at in range(0, len(said), 3):
            last = at + 3 >= len(said)
            choice = {"index": 0, "delta": {"content": said[at : at + 3]}, "finish_reason": "stop" if last else None}
            yield {"id": "chatcmpl-1", "choices": [choice]}

    async def plain() -> AsyncGenerator[JsonObject, None]:
        yield {"id": "chatcmpl-1", "choices": [{"index": 0, "message": {"content": said}, "finish_reason": "stop"}]}

    return Reply(status=200, streaming=asked.stream, body=stream() if asked.stream else plain())


def asking(words: str, principal: str, stream: bool, rules: dict[str, str]) -> Exchange:
    body = {"model": "m", "temperature": 0, "messages": [{"role": "user", "content": words}]}
    one = exchange(body, principal=principal, cache=CacheMode.TENANT, stream=stream)
    operators = EntityRules(OperatorKind.PLACEHOLDER, {entity: OperatorKind(kind) for entity, kind in rules.items()})
    assert one.decision is not None
    assert one.decision.obligations is not None
    obligations = replace(one.decision.obligations, request=operators)
    return replace(one, request=body, redacted=None, decision=replace(one.decision, obligations=obligations))


async def said(reply: Reply) -> str:
    pieces = []
    async for event in reply.body:
        for choice in event["choices"]:
            pieces.append(choice.get("delta", choice.get("message"))["content"])
    return "".join(pieces)


def stages(cached: bool) -> tuple[Proceed, Flights]:
    redact = Redact(Redactor(KnownValues(VALUES), b"k" * 32), lambda exchange, _: exchange)
    answers = Answers(MemoryStore(2**20), Keys())
    flights = Flights(answers)

    async def innermost(exchange: Exchange, proceed: Proceed) -> Reply:
        return await backend(exchange)

    return compose([redact, Cache(answers, flights), innermost] if cached else [redact, innermost]), flights


@settings(max_examples=60, deadline=None)
@given(RULES, REQUESTS)
async def test_every_answer_is_the_one_without_a_cache(rules: dict[str, str], requests: list[tuple[str, str, bool]]) -> None:
    """Also for values that share a placeholder's number, for surrogates that fall together, and for what users type."""
    (cached, flights), (alone, _) = stages(True), stages(False)
    for words, principal, stream in requests:
        expected = await said(await alone(asking(words, principal, stream, rules)))
        assert await said(await cached(asking(words, principal, stream, rules))) == expected
    await flights.close()


# A whole gateway.

ALICE, BOB = "alice@corp-example.org", "bob@corp-example.org"
CACHED = """
entities: {default: placeholder, DATE_TIME: keep}
reply: {restore: true}
cache: {share: tenant, ttl: 1h}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two tenants; in the first, one principal shares with nobody, and one may ask three times a day."""
    principals = "{app: {}, other: {}, alone: {cache: principal}, few: {limits: {requests: 3/day, tokens: 800/day}}}"
    globex = (
        f"  globex:\n    models: [{MODEL}]\n    reply: {{restore: true}}\n    cache: tenant\n    principals: {{app: {{}}}}\n"
    )
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=CACHED, principals=principals) + globex
        with running_gateway(tmp_path_factory.mktemp("cached"), policy) as gateway:
            yield Pair(gateway, backend)


def post(gateway: RunningGateway, content: Any, *, who: str = "app", tenant: str = "acme", **more: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {gateway.issue(who, tenant)}", **more.pop("headers", {})}
    body = {"model": MODEL, "temperature": 0, "messages": [{"role": "user", "content": content}], **more}
    answer = gateway.http.post("/chat/completions", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def content_of(answer: httpx.Response) -> str:
    if answer.headers["content-type"].startswith("application/json"):
        content: str = answer.json()["choices"][0]["message"]["content"]
        return content
    events = [orjson.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"])


@pytest.mark.parametrize("stream", [False, True])
def test_two_people_share_an_answer_and_each_gets_his_own_name(
    gateway: RunningGateway, backend: ScriptedBackend, stream: bool
) -> None:
    asked = f"{stream}: write to {{}}"
    first = post(gateway, asked.format(ALICE), stream=stream)
    second = post(gateway, asked.format(BOB), who="other", stream=stream)
    assert [each.headers["x-gateway-cache"] for each in (first, second)] == ["miss", "hit"]
    assert (content_of(first), content_of(second)) == (asked.format(ALICE), asked.format(BOB))
    assert len(backend.received) == 1
    assert int(second.headers["age"]) < 60


def test_what_policy_parts_is_parted(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    for who, tenant in (("app", "acme"), ("app", "globex"), ("alone", "acme")):
        assert post(gateway, "who shares?", who=who, tenant=tenant).headers["x-gateway-cache"] == "miss"
    for who, tenant in (("other", "acme"), ("app", "globex"), ("alone", "acme")):
        assert post(gateway, "who shares?", who=who, tenant=tenant).headers["x-gateway-cache"] == "hit"
    assert len(backend.received) == 3


def test_tool_calls_and_several_choices(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    def scripted(request: Request) -> Script:
        (mail,) = re.findall(r"<\w+>", request.json["messages"][0]["content"])
        if request.json.get("n"):
            return text(request, f"first {mail}", f"second {mail}")
        return tool_calls(request, ToolCall("send", orjson.dumps({"to": mail}).decode()))

    backend.reply_with(scripted)
    for stream in (False, True):
        for mail, state in ((ALICE, "miss"), (BOB, "hit")):
            called = post(gateway, f"mail {mail}", stream=stream)
            assert called.headers["x-gateway-cache"] == state
            arguments = re.sub(r'"\}\}\]\}.*?"arguments":"', "", called.text) if stream else called.text
            assert mail.split("@")[0] in arguments
            assert ({ALICE, BOB} - {mail}).pop().split("@")[0] not in called.text
            two = post(gateway, f"mail {mail}", stream=stream, n=2)
            assert two.headers["x-gateway-cache"] == state
    plain = post(gateway, f"mail {BOB}", n=2).json()
    assert [choice["message"]["content"] for choice in plain["choices"]] == [f"first {BOB}", f"second {BOB}"]


def test_a_label_reaches_nobody_else(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: text(request, f"you are {request.json.get('user')}"))
    assert content_of(post(gateway, "who am I?", user="u-4711")) == "you are u-4711"
    assert content_of(post(gateway, "who am I?", who="other", user="u-0815")) == "you are u-0815"


def test_equal_questions_at_once_are_one_call(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    def slow(request: Request) -> Script:
        return text(request, request.json["messages"][0]["content"]).slow_head(0.3)

    backend.reply_with(slow)
    mails = [f"user{number}@corp-example.org" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda mail: post(gateway, f"at once: {mail}"), mails))
    assert [content_of(answer) for answer in answers] == [f"at once: {mail}" for mail in mails]
    assert sorted(answer.headers["x-gateway-cache"] for answer in answers) == ["hit"] * 5 + ["miss"]
    assert len({answer.json()["id"] for answer in answers}) == 6
    assert len(backend.received) == 1


def test_a_hit_is_a_request_and_costs_no_tokens(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    few = {"authorization": f"Bearer {gateway.issue('few')}"}
    body = {"model": MODEL, "temperature": 0, "max_tokens": 200, "messages": [{"role": "user", "content": "count me"}]}
    answers = [gateway.http.post("/chat/completions", json=body, headers=few) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers.get("x-gateway-cache") for answer in answers] == ["miss", "hit", "hit", None]
    left = [int(answer.headers["x-ratelimit-remaining-tokens"]) for answer in answers[1:3]]
    assert left[1] - left[0] in (0, 1)  # what drains while they are asked


def test_the_record_says_what_came_from_the_cache(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    before = len(gateway.records())
    for _ in range(2):
        post(gateway, "for the record")
    made, given = gateway.records(before + 2)[-2:]
    assert (made.cache, made.cached_from, made.deployment) == ("miss", None, "backend")
    assert (given.cache, given.cached_from, given.deployment) == ("hit", made.call_id, None)
    assert (given.outcome, given.status) == ("completed", 200)


def test_a_broken_answer_is_told_once_and_kept_by_nobody(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    cut = {"id": "c", "choices": [{"index": 0, "delta": {"content": "half"}, "finish_reason": None}]}
    backend.reply_with(deltas([cut], done=False))
    assert "upstream_truncated" in post(gateway, "broken", stream=True).text
    backend.reply_with(lambda request: text(request, "whole"))
    assert post(gateway, "broken", stream=True).headers["x-gateway-cache"] == "miss"


def disguises(value: str) -> list[bytes]:
    raw = value.encode()
    return [
        raw,
        raw.hex().encode(),
        base64.b64encode(raw)[:-4],
        value.encode("utf-16-le"),
        orjson.dumps(value)[1:-1],
        raw[::-1],
    ]


def wait_until(true: Callable[[], bool], patience_s: float = 10.0) -> None:
    """An answer is kept just after it was given."""
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nothing_in_redis_can_be_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is kept in the clear on its way to the model is in the cache sealed all the same; and names are hashes."""
    planted = [ALICE, "sesame-4711", "2031-05-17", "acme", MODEL, "the question itself"]
    redis = RedisServer()
    try:
        with backend_in_thread() as backend:
            folder = tmp_path_factory.mktemp("redis")
            policy = policy_text(backend.url, tenant=CACHED)
            with running_gateway(folder, policy, redis_url=redis.url) as gateway:
                asked = f"the question itself of {ALICE} on 2031-05-17: sesame-4711"
                assert [post(gateway, asked).headers["x-gateway-cache"] for _ in range(2)] == ["miss", "hit"]
                post(gateway, asked, stream=True)
                wait_until(lambda: len(redis.client.keys("gateway:cache:*:answer:*")) == 2)
                seen = b"".join(key + (redis.client.dump(key) or b"") for key in redis.client.scan_iter())
        assert len(seen) > 1_000
        assert [value for value in planted if any(spelled in seen for spelled in disguises(value))] == []
    finally:
        redis.stop()
