"""Promises 1 to 4 for placeholders that outlive an exchange: they come back over turns and processes, and to nobody else.

Two gateways share one database. The backend remembers what it was told before, as backends of agents do: a turn's request does
not hold the value that its answer names.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from gateway.errors import AuditUnavailable
from gateway.store.database import Database
from tests.promises.test_6c_kept_content_is_sealed import places
from tests.promises.two_gateways import Pair, two_gateways
from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway
from tests.support.response_shapes import response, response_deltas
from tests.support.script import Request, Script, deltas, echo, plain, text, tool_calls
from tests.support.shapes import ToolCall

ALICE, BOB, CAROL = "alice@corp-example.org", "bob@corp-example.org", "carol@corp-example.org"
MAIL_1 = "<EMAIL_ADDRESS_1>"
TENANT = """
entities: {default: placeholder, DATE_TIME: keep, SECRET: block}
reply: {restore: true}
record: {content: redacted, originals: sealed}
cache: tenant
pseudonyms: {scope: tenant}
"""
PRINCIPALS = """{
      app: {pseudonyms: {scope: conversation, ttl: 12h}}, eve: {pseudonyms: {scope: conversation}},
      one: {pseudonyms: {scope: principal}}, two: {pseudonyms: {scope: principal}}, wide: {}, wider: {},
      masked: {entities: {EMAIL_ADDRESS: mask}},
      blind: {pseudonyms: {scope: conversation}, reply: {restore: false}}, alone: {pseudonyms: {scope: request}}}"""
GLOBEX = f"""\
  globex:
    models: [{MODEL}]
    reply: {{restore: true}}
    pseudonyms: {{scope: conversation}}
    principals: {{app: {{}}}}
"""
_numbers = count(1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("vault")
    with two_gateways(folder, tenant=TENANT, principals=PRINCIPALS, others=GLOBEX) as pair:
        yield pair


@pytest.fixture
def pair(running: Pair) -> Pair:
    running.backend.reply_with(echo)
    running.backend.received.clear()
    return running


@pytest.fixture
def conversation() -> str:
    """One that nobody had before."""
    return f"talk {next(_numbers)}"


Says = Callable[..., str]


def post(
    gateway: RunningGateway, content: str, talk: str | None = None, *, who: str = "app", tenant: str = "acme", **more: Any
) -> httpx.Response:
    headers = {"authorization": f"Bearer {gateway.issue(who, tenant)}"}
    if talk is not None:
        headers["x-gateway-conversation"] = talk
    body = {"model": MODEL, "messages": [{"role": "user", "content": content}], **more}
    return gateway.http.post("/chat/completions", json=body, headers=headers)


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("application/json"):
        content: str = answer.json()["choices"][0]["message"]["content"]
        return content
    events = [orjson.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"])


def sent(backend: ScriptedBackend) -> str:
    content: str = backend.received[-1].json["messages"][-1]["content"]
    return content


# What must come back


def test_a_later_turn_names_who_was_named_in_the_first(pair: Pair, conversation: str) -> None:
    """Another process, a request without the value, a stream cut after every byte, and a tool call."""
    said(post(pair.first, f"I am {ALICE}", conversation))
    assert sent(pair.backend) == f"I am {MAIL_1}"
    said(post(pair.second, f"and this is {BOB}", conversation))
    assert sent(pair.backend) == "and this is <EMAIL_ADDRESS_2>"
    pair.backend.reply_with(lambda request: text(request, f"You are {MAIL_1}, with < email address 2 >."))
    assert said(post(pair.first, "who am I?", conversation)) == f"You are {ALICE}, with {BOB}."
    pair.backend.reply_with(lambda request: text(request, f"You are {MAIL_1}.", size=1).cut_every(1))
    assert said(post(pair.second, "who am I?", conversation, stream=True)) == f"You are {ALICE}."
    pair.backend.reply_with(lambda request: tool_calls(request, ToolCall("send", orjson.dumps({"to": MAIL_1}).decode())))
    called = post(pair.second, "send it", conversation).json()["choices"][0]["message"]["tool_calls"][0]
    assert orjson.loads(called["function"]["arguments"]) == {"to": ALICE}


@pytest.mark.parametrize("stream", [False, True])
def test_responses_go_on_from_a_response(pair: Pair, stream: bool) -> None:
    """No conversation is stated: the id of the answer is enough, for the principal who got it."""
    own = next(_numbers)

    def remembering(request: Request) -> Script:
        last = (request.json.get("previous_response_id") or f"resp-{own}-0").rsplit("-", 1)[1]
        body = {**response(request.json, f"{MAIL_1}!"), "id": f"resp-{own}-{int(last) + 1}"}
        if not request.stream:
            return plain(body)
        events = response_deltas(request.json, f"{MAIL_1}!", size=3)
        return deltas(
            [{**e, **({"response": {**e["response"], "id": body["id"]}} if "response" in e else {})} for e in events],
            surface="responses",
        )

    def ask(gateway: RunningGateway, who: str = "app", **fields: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {gateway.issue(who)}"}
        return gateway.http.post("/responses", json={"model": MODEL, "stream": stream, **fields}, headers=headers)

    pair.backend.reply_with(remembering)
    assert ALICE in ask(pair.first, input=f"I am {ALICE}").text
    assert ALICE in ask(pair.second, input="who am I?", previous_response_id=f"resp-{own}-1").text
    third = ask(pair.first, input=f"and {BOB}?", previous_response_id=f"resp-{own}-2")
    assert pair.backend.received[-1].json["input"] == "and <EMAIL_ADDRESS_2>?"
    assert (ALICE in third.text, BOB in third.text) == (True, False)
    pair.backend.received.clear()
    for who, previous in (
        ("eve", f"resp-{own}-1"),
        ("wide", f"resp-{own}-1"),
        ("alone", f"resp-{own}-1"),
        ("app", "resp-unknown"),
    ):
        refused = ask(pair.first, who, input="who was it?", previous_response_id=previous)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "stateful_request")
    other = {"authorization": f"Bearer {pair.first.key}", "x-gateway-conversation": "another"}
    body = {"model": MODEL, "input": "who?", "previous_response_id": f"resp-{own}-1"}
    assert pair.first.http.post("/responses", json=body, headers=other).status_code == 400
    assert pair.backend.received == []


def test_the_record_knows_whom_a_recalled_placeholder_is_about(pair: Pair, conversation: str) -> None:
    said(post(pair.first, f"I am {CAROL}", conversation))
    pair.backend.reply_with(lambda request: text(request, f"You are {MAIL_1}."))
    before = len(pair.second.records())
    assert said(post(pair.second, "who am I?", conversation)) == f"You are {CAROL}."
    record = pair.second.records(before + 1)[-1]
    content = pair.second.content(record, originals=True)
    assert (content.reply, content.originals) == (f"You are {MAIL_1}.", {MAIL_1: CAROL})


def test_where_nothing_is_restored_placeholders_stay_the_same_all_the_same(pair: Pair, conversation: str) -> None:
    """The client sends back what it got."""
    for _ in range(3):
        assert (
            said(post(pair.first, f"I am {ALICE}, once {MAIL_1}", conversation, who="blind")) == f"I am {MAIL_1}, once {MAIL_1}"
        )


# What must not


def test_what_a_user_typed_stays_as_typed(pair: Pair, conversation: str) -> None:
    """In a conversation where it stands for somebody, too: that one gets another placeholder then."""
    said(post(pair.first, f"I am {ALICE}", conversation))
    for typed in (MAIL_1, "email_address 1", "< Email_Address_1 >"):
        assert said(post(pair.second, f"what is {typed}?", conversation)) == f"what is {typed}?"
        pair.backend.reply_with(lambda request: text(request, request.json["messages"][-1]["content"] + MAIL_1))
        assert said(post(pair.second, f"{typed} and {ALICE}", conversation)) == f"{typed} and {ALICE}{MAIL_1}"
        pair.backend.reply_with(echo)


def test_a_placeholder_of_somebody_else_is_never_resolved(pair: Pair, conversation: str) -> None:
    """Typed, or talked out of the model: in another conversation, as another principal, in another tenant, in request scope."""
    said(post(pair.first, f"I am {ALICE}", conversation))
    attacks: list[tuple[str | None, dict[str, str]]] = [
        (f"{conversation} too", {}),
        (None, {}),
        (conversation, {"who": "eve"}),
        (conversation, {"tenant": "globex"}),
        (conversation, {"who": "one"}),
        (conversation, {"who": "wide"}),
        (conversation, {"who": "alone"}),
    ]
    for talk, who in attacks:
        pair.backend.reply_with(lambda request: text(request, f"{MAIL_1} EMAIL_ADDRESS_1 < email address 1 >"))
        for content in ("say the placeholder of mail one", f"say {MAIL_1}"):
            assert "@" not in said(post(pair.second, content, talk, **who))


def test_principals_share_in_tenant_scope_and_in_no_other(pair: Pair) -> None:
    """Also that is what policy asked for."""
    mails = {"one": "p1@corp-example.org", "wide": "t1@corp-example.org"}
    for who, mail in mails.items():
        said(post(pair.first, f"I am {mail}", who=who))
    placeholder = sent(pair.backend).removeprefix("I am ")
    assert said(post(pair.second, "I am t1@corp-example.org", who="wider")) == "I am t1@corp-example.org"
    assert sent(pair.backend) == f"I am {placeholder}"
    pair.backend.reply_with(lambda request: text(request, f"{MAIL_1} {placeholder}"))
    assert said(post(pair.second, "who?", who="two")) == f"{MAIL_1} {placeholder}"
    assert mails["one"] in said(post(pair.second, "who?", who="one"))
    assert mails["wide"] in said(post(pair.second, "who?", who="wider"))


def test_what_policy_lets_nobody_have_back_is_not_fetched_either(pair: Pair) -> None:
    """In tenant scope others brought it under a weaker operator; where it is masked on the way in, no answer holds it."""
    said(post(pair.first, "I am m1@corp-example.org", who="wide"))
    placeholder = sent(pair.backend).removeprefix("I am ")
    pair.backend.reply_with(lambda request: text(request, f"You mean {placeholder}.", size=3))
    assert said(post(pair.second, "who?", who="wider")) == "You mean m1@corp-example.org."
    for stream in (False, True):
        assert said(post(pair.second, "who?", who="masked", stream=stream)) == f"You mean {placeholder}."


def test_conversations_share_answers_and_no_names(pair: Pair, conversation: str) -> None:
    """The cache stands inside: equal redacted requests, two people, and a placeholder that only earlier turns held."""
    mails = {f"{conversation} a": ALICE, f"{conversation} b": BOB}
    for talk, mail in mails.items():
        said(post(pair.first, f"I am {mail}", talk, temperature=0))
    pair.backend.reply_with(lambda request: text(request, f"You are {MAIL_1}."))
    asked = f"{conversation}: who am I?"
    answers = [post(pair.first, asked, talk, temperature=0) for talk in mails]
    assert [answer.headers["x-gateway-cache"] for answer in answers] == ["miss", "hit"]
    assert [said(answer) for answer in answers] == [f"You are {mail}." for mail in mails.values()]


def test_nothing_of_the_vault_can_be_read_on_the_disk(pair: Pair, conversation: str) -> None:
    planted = "mallory-4711@corp-example.org"
    said(post(pair.first, f"I am {planted}", conversation))
    assert places(pair.first.settings.state_dir, planted) == []


# Trouble


def test_a_vault_that_cannot_be_used_refuses(pair: Pair, conversation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Database) -> None:
        raise AuditUnavailable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(Database, "reading", fail)
        refused = post(pair.first, f"I am {ALICE}", conversation)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "protection_unavailable")
    assert pair.backend.received == []


def test_what_is_blocked_is_not_stored(pair: Pair, conversation: str) -> None:
    refused = post(pair.first, f"password: Tr0ub4dor3x, {ALICE}", conversation)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "entity_blocked")
    pair.backend.reply_with(lambda request: text(request, MAIL_1))
    assert said(post(pair.first, "who?", conversation)) == MAIL_1


def test_an_erased_person_does_not_come_back(pair: Pair, conversation: str, tmp_path: Path) -> None:
    """With the command, beside running gateways; the number is nobody else's afterwards."""
    said(post(pair.first, f"I am {CAROL}", conversation))
    command = [sys.executable, "-m", "gateway", "subject", "erase", "--tenant", "acme", "--yes"]
    command += ["--certificate", str(tmp_path / "c.txt"), "--state-dir", str(pair.first.settings.state_dir), CAROL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said(post(pair.second, f"I am {BOB}", conversation))
    assert sent(pair.backend) == "I am <EMAIL_ADDRESS_2>"
    pair.backend.reply_with(lambda request: text(request, f"{MAIL_1} <EMAIL_ADDRESS_2>"))
    assert said(post(pair.second, "who?", conversation)) == f"{MAIL_1} {BOB}"
