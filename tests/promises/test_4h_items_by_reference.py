"""Promises 1 to 5 for items of answers that a later request names by their ids, as the AI SDK does unless it is told otherwise:
the model hears what was said, redacted as any history, and nobody names what another one was given.
"""

from __future__ import annotations

import orjson
import pytest

from gateway.errors import AuditUnavailable
from gateway.store.database import Database
from tests.promises.stored_items import (
    ALICE,
    BOB,
    MAIL_1,
    answered,
    ask,
    heard,
    named,
    pair,
    reasoned,
    running,
    saying,
    stream,
    user,
)
from tests.promises.two_gateways import Pair
from tests.support.shapes import ToolCall

__all__ = ["pair", "running", "stream"]


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
    assert thought["content"] == [reasoned(f"{MAIL_1} wants mail")]
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


def test_a_request_holds_no_more_than_it_could_have_sent(pair: Pair) -> None:
    pair.backend.reply_with(saying("word " * 100_000))
    (item,) = answered(ask(pair.first, "hello"))
    refused = ask(pair.first, named(*[item] * 20))
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "payload_too_large")
    many = ask(pair.first, named(*({"id": f"msg_{at}"} for at in range(2_001))))
    assert (many.status_code, many.json()["error"]["param"]) == (400, "input")


def test_what_is_named_counts_towards_limits(pair: Pair) -> None:
    """Of a body of very many parts, where the size tells how much it is."""
    pair.backend.reply_with(saying("word " * 20_000))
    (item,) = answered(ask(pair.first, "hello", who="limited"))
    padding = {f"k{at}": "" for at in range(5_001)}
    pair.backend.reply_with(saying("yes"))
    for refused, said in ((False, user("word")), (True, *named(item))):
        status = ask(pair.first, [said], who="limited", metadata=padding).status_code
        assert (status == 429) is refused


def test_a_vault_that_cannot_be_read_refuses(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    (item,) = answered(ask(pair.first, f"I am {ALICE}"))
    pair.backend.received.clear()

    def fails(_: Database) -> None:
        raise AuditUnavailable("no database")

    monkeypatch.setattr("gateway.vault.items.read", lambda *_: fails(None))  # type: ignore[arg-type]
    refused = ask(pair.first, named(item))
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "protection_unavailable")
    assert pair.backend.received == []
