"""A whole gateway with everything on Redis: nothing readable rests there, and readiness says how Redis is."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.shared.servers import Server
from tests.support.backend import backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway

PLANTED = ["Ann.Lee@corp-example.org", "4111 1111 1111 1111", "13812345678", "how is the weather in spring", "天气怎么样"]
NAMED = ["acme", "principal-ann", MODEL, "sk-planted"]
TENANT = """
entities: {default: placeholder, DATE_TIME: keep}
reply: {restore: true}
cache: {share: tenant, ttl: 1h, semantic: true}
limits: {requests: 100/day, tokens: 100000/day, concurrent: 5, when_unavailable: count_locally}
"""
PRINCIPALS = (
    "{app: {limits: {requests: 50/day, when_unavailable: refuse}}, principal-ann: {cache: principal, limits: {concurrent: 2}}}"
)


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def gateway(own_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=TENANT, principals=PRINCIPALS)
        with running_gateway(tmp_path_factory.mktemp("shared"), policy, redis_url=own_server.url) as running:
            yield running


def ask(gateway: RunningGateway, key: str, text: str = " ".join(PLANTED), **more: Any) -> httpx.Response:
    body = {"model": MODEL, "temperature": 0, "messages": [{"role": "user", "content": text}], **more}
    answer = gateway.http.post("/chat/completions", json=body, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    return answer


def test_nothing_readable_rests_in_redis(gateway: RunningGateway, own_server: Server) -> None:
    ann = gateway.issue("principal-ann")
    states = [
        ask(gateway, key, stream=stream, user="sk-planted").headers["x-gateway-cache"]
        for key in (gateway.key, ann)
        for stream in (False, True)
        for _ in range(2)
    ]
    assert states == ["miss", "hit"] * 4
    ask(gateway, gateway.key, f"How do I write to {PLANTED[0]}?")
    seen = everything_with(b":words:", own_server.client)
    assert {b"limits", b"cache", b"probe"} <= {name.split(b":")[1] for name in own_server.client.scan_iter()}
    for text in [*PLANTED, *NAMED, gateway.key, ann]:
        for form in forms(text):
            assert form not in seen, text


def everything_with(name: bytes, client: Any) -> bytes:
    """Once this is there: wordings are kept behind the answer."""
    for _ in range(1_200):
        if name in (seen := everything(client)):
            return seen
        time.sleep(0.05)
    raise AssertionError(f"nothing is called {name!r}")


def everything(client: Any) -> bytes:
    """Names and contents of every key, of every type; in lower case as well."""
    parts: list[bytes] = []
    for name in client.scan_iter():
        kind = client.type(name)
        if kind == b"none":  # it ran out between the two
            continue
        read = {b"string": client.get, b"zset": lambda name: b"\n".join(client.zrange(name, 0, -1))}
        parts += [name, read[kind](name)]
    told = b"\n".join(parts)
    return told + told.lower()


def forms(text: str) -> set[bytes]:
    """Those long enough not to turn up in sealed bytes by chance: the text itself and what it commonly becomes. Base64 begins at any of three places in what surrounds it."""
    raw = text.encode()
    inner = {base64.b64encode(b"\0" * at + raw)[(4 if at else 0) : -4] for at in range(3)}
    coded = {quote(text).encode(), quote(text, safe="").encode(), json.dumps(text)[1:-1].encode()}
    wide = {text.encode("utf-16-le"), text.encode("utf-16-be")}
    return {raw, text.lower().encode(), raw.hex().encode(), *coded, *wide} | {one for one in inner if len(one) >= 6}


def test_readiness_says_how_redis_is(gateway: RunningGateway, own_server: Server) -> None:
    assert redis_of(gateway, "ok").status_code == 200
    ann = gateway.issue("principal-ann")
    assert "x-gateway-limits" not in ask(gateway, ann, "hello").headers
    own_server.kill()
    down = redis_of(gateway, "it does not answer")
    assert down.status_code == 200
    refused = gateway.chat("hello")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "protection_unavailable")
    alone = ask(gateway, ann, "hello")
    assert (alone.headers["x-gateway-limits"], alone.headers["x-gateway-cache"]) == ("counted-locally", "miss")
    assert [record.counted_locally for record in gateway.records() if record.principal == "principal-ann"][-1:] == [True]
    own_server.start()
    assert redis_of(gateway, "ok").status_code == 200
    assert gateway.say("hello") == "hello"


def redis_of(gateway: RunningGateway, detail: str) -> httpx.Response:
    """The answer to who asks for readiness, once it says that."""
    for _ in range(200):
        answer = httpx.get(gateway.base_url.replace("/v1", "/readyz"))
        if answer.json()["checks"]["redis"] == detail:
            return answer
        time.sleep(0.05)
    raise AssertionError(answer.text)
