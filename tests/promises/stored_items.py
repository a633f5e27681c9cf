"""What the promises about items of answers have in common: two gateways whose policy keeps them, and a backend that keeps nothing,
and makes ids of its own for each answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import httpx
import orjson
import pytest

from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.vault.removal import VaultErasure
from tests.promises.two_gateways import Pair, two_gateways
from tests.store.databases import sqlite_at
from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway
from tests.support.response_shapes import response, response_deltas
from tests.support.script import Request, Script, Scripter, deltas, plain
from tests.support.shapes import ToolCall

ALICE, BOB = "alice@corp-example.org", "bob@corp-example.org"
MAIL_1 = "<EMAIL_ADDRESS_1>"
TENANT = """
entities: {default: placeholder, DATE_TIME: keep, SECRET: block}
reply: {restore: true, store: 12h}
rules:
  not-of-lists: {when: findings.EMAIL_ADDRESS > 2, demand: {reply: {store: none}}}
"""
PRINCIPALS = """{
      app: {}, eve: {}, closed: {reply: {store: none}}, masked: {entities: {EMAIL_ADDRESS: mask}},
      blind: {reply: {restore: false}}, limited: {limits: {tokens: 45000/minute}}}"""
OTHERS = f"""\
  globex:
    models: [{MODEL}]
    reply: {{restore: true, store: 12h}}
    principals: {{app: {{}}}}
  initech:
    models: [{MODEL}]
    entities: {{default: placeholder, PERSON: keep}}
    reply: {{restore: true, store: 12h}}
    rules:
      with-mail: {{when: findings.EMAIL_ADDRESS > 0, demand: {{entities: {{PERSON: placeholder}}}}}}
    principals: {{app: {{}}}}
  hooli:
    models: [{MODEL}]
    entities: {{default: keep}}
    reply: {{restore: true, store: 12h}}
    pseudonyms: {{scope: conversation}}
    rules:
      with-mail: {{when: findings.EMAIL_ADDRESS > 0, demand: {{entities: {{PERSON: placeholder}}}}}}
    principals: {{app: {{}}}}
"""
_numbers = count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("items")
    with two_gateways(folder, tenant=TENANT, principals=PRINCIPALS, others=OTHERS) as pair:
        yield pair


@pytest.fixture(params=[False, True], ids=["plain", "streamed"])
def stream(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def pair(running: Pair) -> Pair:
    running.backend.reply_with(saying(f"You are {MAIL_1}."))
    running.backend.received.clear()
    return running


def saying(text: str, *calls: ToolCall, reasoning: str = "", own: bool = True) -> Scripter:
    """An answer with ids that no other has."""

    def script(request: Request) -> Script:
        number = next(_numbers) if own else 0
        body = response(request.json, text, calls)
        events = response_deltas(request.json, text, calls, size=3)
        if reasoning:
            thought = {"id": "rs_1", "type": "reasoning", "summary": [], "content": [reasoned(reasoning)]}
            body["output"].append(thought)
            at = len(body["output"]) - 1
            done = [{"type": f"response.output_item.{what}", "output_index": at, "item": thought} for what in ("added", "done")]
            events[-1:] = [*done, {**events[-1], "response": body}]
        renamed = orjson.dumps(events if request.stream else body).decode()
        for kind in ("msg", "fc", "rs", "resp"):
            renamed = renamed.replace(f'"id":"{kind}_', f'"id":"{kind}_{number}_').replace(
                f'"item_id":"{kind}_', f'"item_id":"{kind}_{number}_'
            )
        made = orjson.loads(renamed)
        return deltas(made, surface="responses") if request.stream else plain(made)

    return script


def reasoned(text: str) -> dict[str, str]:
    return {"type": "reasoning_text", "text": text}


def ask(
    gateway: RunningGateway,
    said: Any,
    *,
    who: str = "app",
    tenant: str = "acme",
    stream: bool = False,
    talk: str = "",
    **more: Any,
) -> httpx.Response:
    """`talk` is the conversation that it states."""
    headers = {"authorization": f"Bearer {gateway.issue(who, tenant)}", "x-gateway-conversation": talk}
    body = {"model": MODEL, "input": said, "stream": stream, **more}
    return gateway.http.post("/responses", json=body, headers=headers)


def answered(answer: httpx.Response) -> list[dict[str, Any]]:
    """The items of an answer, as an SDK puts them together from the events of a stream."""
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("application/json"):
        output: list[dict[str, Any]] = answer.json()["output"]
        return output
    events = [orjson.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    return [event["item"] for event in events if event["type"] == "response.output_item.done"]


def named(*items: dict[str, Any]) -> list[dict[str, str]]:
    return [{"type": "item_reference", "id": item["id"]} for item in items]


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def heard(backend: ScriptedBackend) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = backend.received[-1].json["input"]
    return items


async def erase(gateway: RunningGateway, value: str, tenant: str = "acme") -> int:
    with closing(sqlite_at(gateway.settings.audit_path)) as database:
        key = Keyring(database, open_master(gateway.settings, {})).tenant(tenant)
        return await VaultErasure(database).erase(tenant, {key.tag(value)})
