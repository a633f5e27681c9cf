"""Promises 1 to 5 for items of answers that a later request names by their ids, as the AI SDK does unless it is told otherwise:
the model hears what was said, redacted as any history, and nobody names what another one was given.

Two gateways share one database. The backend keeps nothing, and makes ids of its own for each answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from gateway.errors import AuditUnavailable
from gateway.keys.keyring import Keyring
from gateway.keys.master import open_master
from gateway.store.database import Database
from gateway.store.tables.vault import VAULT_ITEMS, VAULT_MENTIONS
from gateway.vault.removal import VaultErasure
from tests.promises.test_6c_kept_content_is_sealed import places
from tests.store.databases import sqlite_at
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
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
"""
_numbers = count(1)


@dataclass(frozen=True)
class Pair:
    """Two gateways on one database, before one backend."""

    first: RunningGateway
    second: RunningGateway
    backend: ScriptedBackend
    folder: Path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("items")
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=TENANT, principals=PRINCIPALS) + OTHERS
        with running_gateway(folder, policy) as first, running_gateway(folder, policy) as second:
            yield Pair(first, second, backend, folder)


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
            thought = {"id": "rs_1", "type": "reasoning", "summary": [], "content": [_thought(reasoning)]}
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


def _thought(text: str) -> dict[str, str]:
    return {"type": "reasoning_text", "text": text}


def ask(
    gateway: RunningGateway, said: Any, *, who: str = "app", tenant: str = "acme", stream: bool = False, **more: Any
) -> httpx.Response:
    headers = {"authorization": f"Bearer {gateway.issue(who, tenant)}"}
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


def test_the_model_hears_what_it_said(pair: Pair, stream: bool) -> None:
    """Three turns, by another process each time; the history is redacted anew, and nobody is left out of it."""
    first = answered(ask(pair.first, f"I am {ALICE}", stream=stream))
    assert ALICE in first[0]["content"][0]["text"]
    history = [user(f"I am {ALICE}"), *named(*first), user("who am I?")]
    second = answered(ask(pair.second, history, stream=stream))
    whole = {**first[0], "content": [{**first[0]["content"][0], "text": f"You are {MAIL_1}."}]}
    assert heard(pair.backend) == [user(f"I am {MAIL_1}"), whole, user("who am I?")]
    ask(pair.first, [*history, *named(*second), user(f"and {BOB}?")], stream=stream)
    assert [item.get("content") for item in heard(pair.backend)][-1] == "and <EMAIL_ADDRESS_2>?"
    assert ALICE not in pair.backend.wire_bytes.decode()


def test_a_tool_that_was_called_is_named_with_its_reasoning(pair: Pair, stream: bool) -> None:
    call = ToolCall("send", orjson.dumps({"to": MAIL_1}).decode())
    pair.backend.reply_with(saying("", call, reasoning=f"{MAIL_1} wants mail"))
    asked = f"Write to {ALICE}"
    items = answered(ask(pair.first, asked, stream=stream))
    assert [item["type"] for item in items] == ["function_call", "reasoning"]
    output = {"type": "function_call_output", "call_id": call.id, "output": f"sent to {ALICE}"}
    ask(pair.second, [user(asked), *named(*items), output], stream=stream)
    _, called, thought, result = heard(pair.backend)
    assert (called["type"], orjson.loads(called["arguments"]), called["call_id"]) == ("function_call", {"to": MAIL_1}, call.id)
    assert thought["content"] == [_thought(f"{MAIL_1} wants mail")]
    assert result["output"] == f"sent to {MAIL_1}"


def test_an_id_alone_is_a_reference(pair: Pair) -> None:
    (item,) = answered(ask(pair.first, f"I am {ALICE}"))
    ask(pair.first, [user(f"I am {ALICE}"), {"id": item["id"]}, user("who?")])
    assert heard(pair.backend)[1]["content"][0]["text"] == f"You are {MAIL_1}."


def test_what_holds_now_holds_for_what_was_said(pair: Pair) -> None:
    """An item that was kept under weaker rules is redacted under those of the request that names it."""
    (item,) = answered(ask(pair.first, f"I am {ALICE}", who="masked"))
    assert item["content"][0]["text"] == f"You are {MAIL_1}."  # what is masked does not come back
    pair.backend.reply_with(saying(f"Ask {ALICE}."))
    (invented,) = answered(ask(pair.first, "Whom shall I ask?", who="masked"))
    ask(pair.first, [user("Whom?"), *named(invented), user("who?")], who="masked")
    assert ALICE not in orjson.dumps(heard(pair.backend)).decode()


@pytest.mark.parametrize(("who", "tenant"), [("eve", "acme"), ("app", "globex"), ("blind", "acme")])
def test_nobody_names_what_another_one_was_given(pair: Pair, who: str, tenant: str, stream: bool) -> None:
    (item,) = answered(ask(pair.first, f"I am {ALICE}", stream=stream))
    pair.backend.received.clear()
    refused = ask(pair.first, [user("hello"), *named(item)], who=who, tenant=tenant, stream=stream)
    unknown = ask(pair.first, [user("hello"), *named({"id": "msg_unknown"})], who=who, tenant=tenant, stream=stream)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "item_not_found")
    assert refused.json()["error"]["param"] == "input.1"
    assert refused.json() == unknown.json()  # it does not show that there is one
    assert pair.backend.received == []


def test_where_policy_keeps_nothing_it_says_what_to_do(pair: Pair) -> None:
    (item,) = answered(ask(pair.first, f"I am {ALICE}"))
    pair.backend.received.clear()
    refused = ask(pair.first, [user("hello"), *named(item)], who="closed")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "stateful_request")
    assert "`store: false`" in refused.json()["error"]["message"]
    assert pair.backend.received == []


@pytest.mark.parametrize(
    ("said", "more"), [("hello", {"store": False}), (f"{ALICE}, {BOB}, carol@corp-example.org", {})], ids=["declined", "a rule"]
)
def test_what_is_not_to_be_kept_is_not(pair: Pair, said: str, more: dict[str, Any], stream: bool) -> None:
    (item,) = answered(ask(pair.first, said, stream=stream, **more))
    assert ask(pair.first, [user("hello"), *named(item)]).status_code == 404


def test_an_id_that_a_backend_gives_twice_names_nothing(pair: Pair) -> None:
    pair.backend.reply_with(saying("The door is open.", own=False))
    ask(pair.first, "hello")
    pair.backend.reply_with(saying("The door is shut.", own=False))
    (item,) = answered(ask(pair.first, "hello"))
    assert ask(pair.first, [user("hello"), *named(item)]).status_code == 404


def test_a_request_holds_no_more_than_it_could_have_sent(pair: Pair) -> None:
    pair.backend.reply_with(saying("word " * 100_000))
    (item,) = answered(ask(pair.first, "hello"))
    refused = ask(pair.first, named(*[item] * 20))
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "payload_too_large")
    many = ask(pair.first, named(*({"id": f"msg_{at}"} for at in range(2_001))))
    assert (many.status_code, many.json()["error"]["param"]) == (400, "input")


def test_nothing_of_it_rests_in_the_open(pair: Pair) -> None:
    secret = "dorothea.winterbottom@corp-example.org"
    pair.backend.reply_with(saying(f"Dear {MAIL_1}, the word is xylographer."))
    (item,) = answered(ask(pair.first, f"I am {secret}"))
    state = pair.first.settings.state_dir
    for planted in (secret, "xylographer", item["id"]):
        assert places(state, planted) == []
    assert places(state, "vault_items")  # the search finds what is there


async def test_who_is_erased_is_in_no_item_any_more(pair: Pair) -> None:
    """Also whom the model named by itself."""
    pair.backend.reply_with(saying(f"Ask {MAIL_1}, or ivo.unbidden@corp-example.org."))
    (of_both,) = answered(ask(pair.first, "I am hedwig@corp-example.org"))
    pair.backend.reply_with(saying("Ask nobody."))
    (of_nobody,) = answered(ask(pair.first, "I am hedwig@corp-example.org"))
    assert await erase(pair.first, "ivo.unbidden@corp-example.org") == 1
    assert ask(pair.second, named(of_both)).status_code == 404
    assert ask(pair.second, [*named(of_nobody), user("whom?")]).status_code == 200


@pytest.mark.parametrize(
    ("tenant", "said", "answer", "value"),
    [
        ("acme", "My account number: 12345678", "It is <US_BANK_NUMBER_1>.", "12345678"),
        ("initech", f"Ann Baker's mail is {ALICE}", "Dear <PERSON_1>, well done.", "Ann Baker"),
    ],
    ids=["an answer does not say what a number is", "a rule on findings replaces what is kept else"],
)
async def test_what_was_put_back_is_erased_as_well(
    pair: Pair, tenant: str, said: str, answer: str, value: str, stream: bool
) -> None:
    pair.backend.reply_with(saying(answer))
    (item,) = answered(ask(pair.first, said, tenant=tenant, stream=stream))
    assert value in item["content"][0]["text"]
    assert await erase(pair.first, value, tenant) == 1
    assert ask(pair.second, named(item), tenant=tenant).status_code == 404


def test_an_answer_of_too_many_items_is_not_kept(pair: Pair) -> None:
    """Meanwhile nobody else could write into the database."""
    calls = [ToolCall("send", "{}", id=f"call_{at}") for at in range(251)]
    pair.backend.reply_with(saying("", *calls))
    before = rows(pair.first)
    items = answered(ask(pair.first, "hello"))
    assert (len(items), rows(pair.first)) == (251, before)
    pair.backend.reply_with(saying(" ".join(f"u{at}@corp-example.org" for at in range(5_001))))
    assert answered(ask(pair.first, "hello"))
    assert rows(pair.first) == before


def test_what_is_named_counts_towards_limits(pair: Pair) -> None:
    """Of a body of very many parts, where the size tells how much it is."""
    pair.backend.reply_with(saying("word " * 20_000))
    (item,) = answered(ask(pair.first, "hello", who="limited"))
    padding = {f"k{at}": "" for at in range(5_001)}
    pair.backend.reply_with(saying("yes"))
    for refused, said in ((False, user("word")), (True, *named(item))):
        status = ask(pair.first, [said], who="limited", metadata=padding).status_code
        assert (status == 429) is refused


def test_an_answer_is_whole_though_it_cannot_be_kept(pair: Pair, stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise AuditUnavailable("the disk is full")

    monkeypatch.setattr("gateway.vault.items.keep", fails)
    (item,) = answered(ask(pair.first, f"I am {ALICE}", stream=stream))
    assert item["content"][0]["text"] == f"You are {ALICE}."
    assert ask(pair.first, named(item)).status_code == 404


def test_a_vault_that_cannot_be_read_refuses(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    (item,) = answered(ask(pair.first, f"I am {ALICE}"))
    pair.backend.received.clear()

    def fails(_: Database) -> None:
        raise AuditUnavailable("no database")

    monkeypatch.setattr("gateway.vault.items.read", lambda *_: fails(None))  # type: ignore[arg-type]
    refused = ask(pair.first, named(item))
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "protection_unavailable")
    assert pair.backend.received == []


def test_a_broken_stream_leaves_nothing(pair: Pair) -> None:
    def cut(request: Request) -> Script:
        events = response_deltas(request.json, f"You are {MAIL_1}.")[:-1]
        return deltas(events, surface="responses")

    pair.backend.reply_with(cut)
    before = rows(pair.first)
    ask(pair.first, f"I am {ALICE}", stream=True)
    assert rows(pair.first) == before


async def erase(gateway: RunningGateway, value: str, tenant: str = "acme") -> int:
    with closing(sqlite_at(gateway.settings.audit_path)) as database:
        key = Keyring(database, open_master(gateway.settings, {})).tenant(tenant)
        return await VaultErasure(database).erase(tenant, {key.tag(value)})


def rows(gateway: RunningGateway) -> tuple[int, int]:
    with closing(sqlite_at(gateway.settings.audit_path)) as database, database.reading() as connection:
        counts = [len(connection.execute(table.select()).all()) for table in (VAULT_ITEMS, VAULT_MENTIONS)]
        return counts[0], counts[1]
