"""Promise 4, for questions in other words: a whole gateway, with the model that it brings."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.promises.conftest import Pair
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway

ALICE, BOB = "alice@corp-example.org", "bob@corp-example.org"
CACHED = """
entities: {default: placeholder, DATE_TIME: keep}
reply: {restore: true}
cache: {share: tenant, ttl: 1h, semantic: true}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """In one tenant, whose principal `exact` does not want it."""
    principals = "{app: {}, other: {}, exact: {cache: {semantic: false}}}"
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=CACHED, principals=principals)
        with running_gateway(tmp_path_factory.mktemp("words"), policy) as gateway:
            yield Pair(gateway, backend)


def post(gateway: RunningGateway, content: str, who: str, control: str = "max-age=600") -> httpx.Response:
    headers = {"authorization": f"Bearer {gateway.issue(who, 'acme')}", "cache-control": control}
    body = {"model": MODEL, "temperature": 0, "messages": [{"role": "user", "content": content}]}
    return gateway.http.post("/chat/completions", json=body, headers=headers)


def post_when_known(gateway: RunningGateway, content: str, who: str) -> httpx.Response:
    """The wording is remembered when the answer has been given; a question that only the cache may answer changes nothing."""
    until = time.monotonic() + 30
    while (answer := post(gateway, content, who, "only-if-cached")).status_code == 504 and time.monotonic() < until:
        time.sleep(0.05)
    return answer


def found(answer: httpx.Response) -> tuple[str, str | None]:
    return answer.headers["x-gateway-cache"], answer.headers.get("x-gateway-cache-match")


def test_other_words_and_another_person(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    first = post(gateway, f"How do I write to {ALICE}?", "app")
    second = post_when_known(gateway, f"Could you tell me how to write to {BOB}?", "other")
    assert (found(first), found(second)) == (("miss", None), ("hit", "semantic"))
    said = [answer.json()["choices"][0]["message"]["content"] for answer in (first, second)]
    assert said == [f"How do I write to {person}?" for person in (ALICE, BOB)]  # the backend repeats what it is told
    assert len(backend.received) == 1


def test_near_misses_and_who_does_not_want_it(gateway: RunningGateway) -> None:
    assert found(post(gateway, "怎么开启订单 123 的提醒？", "app")) == ("miss", None)
    assert found(post(gateway, "怎么关闭订单 123 的提醒？", "app")) == ("miss", None)
    assert found(post(gateway, "怎么开启订单 124 的提醒？", "app")) == ("miss", None)
    assert found(post(gateway, "请问如何开启订单 123 的提醒", "exact")) == ("miss", None)
    assert found(post_when_known(gateway, "请问怎样开启订单 123 的提醒", "other")) == ("hit", "semantic")
