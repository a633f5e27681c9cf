"""The key of a beginning: equal for what begins alike, and silent about all of it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.audit.journal import NoJournal
from gateway.exchange import Exchange, Principal
from gateway.protocol.facts import Stated
from gateway.protocol.wire import JsonObject, Surface
from gateway.routing.prefix import affinity_key

SECRET = b"s" * 32
SYSTEM = {"role": "system", "content": "You help."}
FIRST = {"role": "user", "content": "Hello <PERSON_1>"}
ANSWER = {"role": "assistant", "content": "Hi"}


async def no_intake() -> bytes:
    return b""


def exchange(body: JsonObject, surface: Surface = Surface.CHAT, tenant: str = "acme", **facts: Any) -> Exchange:
    known = {"model": "m", "request": body, "redacted": body, "principal": Principal(tenant=tenant, id="app"), **facts}
    return Exchange(call_id="c", surface=surface, journal=NoJournal(), intake=no_intake, **known)


def key(body: JsonObject, surface: Surface = Surface.CHAT, **facts: Any) -> bytes | None:
    return affinity_key(exchange(body, surface, **facts), SECRET)


def chat(*messages: JsonObject, **fields: Any) -> JsonObject:
    return {"model": "m", "messages": list(messages), **fields}


def test_all_turns_of_a_chat_have_one_key() -> None:
    first = key(chat(SYSTEM, FIRST))
    assert first == key(chat(SYSTEM, FIRST, ANSWER, {"role": "user", "content": "And?"}))
    assert first is not None
    assert len(first) == 16


def test_a_conversation_that_the_gateway_derived_changes_nothing() -> None:
    """Its first turn has none yet."""
    assert key(chat(SYSTEM, FIRST)) == key(chat(SYSTEM, FIRST, ANSWER, FIRST), conversation="conv_1")


def test_one_that_the_client_states_is_the_key() -> None:
    stated: dict[str, Any] = {"stated": Stated(conversation="chat-7"), "conversation": "conv_7"}
    assert key(chat(SYSTEM, FIRST), **stated) == key(chat({"role": "user", "content": "Cut at its start"}), **stated)
    assert key(chat(SYSTEM, FIRST), **stated) != key(chat(SYSTEM, FIRST))


@pytest.mark.parametrize(
    "other",
    [
        chat(FIRST),
        chat({"role": "system", "content": "You help"}, FIRST),
        chat(SYSTEM, {"role": "user", "content": "Hello <PERSON_2>"}),
        chat(SYSTEM, FIRST, tools=[{"type": "function", "function": {"name": "find"}}]),
        chat({"role": "system", "content": "You"}, {"role": "user", "content": "help.Hello <PERSON_1>"}),
    ],
)
def test_what_begins_otherwise_has_another(other: JsonObject) -> None:
    assert key(other) != key(chat(SYSTEM, FIRST))


def test_the_tenant_the_model_and_the_secret_are_part_of_it() -> None:
    body = chat(SYSTEM, FIRST)
    others = [key(body, tenant="other"), key(body, model="n"), affinity_key(exchange(body), b"t" * 32)]
    assert len({key(body), *others}) == 4


def test_other_surfaces() -> None:
    turns: JsonObject = {"instructions": "You help.", "input": [FIRST, ANSWER]}
    assert key(turns, Surface.RESPONSES) == key({**turns, "input": [FIRST]}, Surface.RESPONSES)
    assert key({"input": "Hello"}, Surface.RESPONSES) != key({"input": "Bye"}, Surface.RESPONSES)
    assert key({"prompt": "Once"}, Surface.COMPLETIONS) == key({"prompt": ["Once"]}, Surface.COMPLETIONS)
    for wordless in (Surface.EMBEDDINGS, Surface.MODERATIONS):
        assert key({"input": "Hello"}, wordless) is None


def test_only_the_beginning_of_the_systems_words_counts() -> None:
    long = "x" * 5_000
    at_noon, at_one = ({"role": "system", "content": f"{long} It is {hour}."} for hour in ("noon", "one"))
    assert key(chat(at_noon, FIRST)) == key(chat(at_one, FIRST))


def test_requests_from_one_template_are_told_apart() -> None:
    long = "x" * 5_000
    one, other, parted = (
        {"role": "user", "content": f"{long} Text: {text}"} for text in ("red", "blue", [{"type": "text", "text": long}])
    )
    assert len({key(chat(one)), key(chat(other)), key(chat(parted))}) == 3
    assert key({"prompt": f"{long}a"}, Surface.COMPLETIONS) != key({"prompt": f"{long}b"}, Surface.COMPLETIONS)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None, "tools": 7},
        {"messages": [None, 3, {"role": 5, "content": {"a": 1}}], "tools": [None, {"function": "f"}, {"name": 3}]},
        {"messages": [{"role": "user", "content": [{"text": ["\ud800"]}, "\ud800"]}]},
    ],
)
def test_whatever_a_client_sends(body: JsonObject) -> None:
    assert key(body) is not None


def test_nobodys_exchange_has_none() -> None:
    assert affinity_key(exchange(chat(FIRST), principal=None), SECRET) is None
