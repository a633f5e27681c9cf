"""Turns of one chat share an id, without any state; other chats, callers and tenants have others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.protocol.conversation import Asker, Beginning, stated_conversation
from gateway.protocol.wire import JsonObject, Surface

ASKER = Asker(b"k" * 32, "bob", "m")
Message = dict[str, Any]


def user(text: Any) -> Message:
    return {"role": "user", "content": text}


def said(text: Any, **more: Any) -> Message:
    return {"role": "assistant", "content": text, **more}


def call(call_id: str, arguments: str = "{}", name: str = "look_up") -> Message:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def id_of(
    *messages: Message, answer: Iterable[JsonObject] = (), surface: Surface = Surface.CHAT, asker: Asker = ASKER
) -> str | None:
    """The id of a request with these messages, when these events have answered it."""
    field = "messages" if surface is Surface.CHAT else "input"
    beginning = Beginning({"model": "m", field: list(messages)}, surface, asker)
    for event in answer:
        beginning.see(event)
    beginning.end()
    return beginning.id


def plain(*messages: Message) -> list[JsonObject]:
    return [{"choices": [{"index": at, "message": message} for at, message in enumerate(messages)]}]


def streamed(*deltas: Message, index: int = 0) -> list[JsonObject]:
    return [{"choices": [{"index": index, "delta": delta}]} for delta in deltas]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is a loan?", "A loan is\n\nmoney that is lent."),
        ("什么是贷款？", "贷款是指\n银行借出的钱。"),
        ("Hi 👋", "你好 👋"),
    ],
)
def test_the_turns_of_a_chat_have_one_id(question: str, answer: str) -> None:
    first = id_of(user(question), answer=plain(said(answer)))
    second = id_of(user(question), said(answer), user("And then?"))
    third = id_of(user(question), said(answer), user("And then?"), said("That."), user("谢谢"))
    assert first is not None
    assert first.startswith("conv_")
    assert first == second == third


def test_a_first_turn_has_none_before_it_is_answered() -> None:
    beginning = Beginning({"messages": [user("Hi")]}, Surface.CHAT, ASKER)
    assert beginning.waits_for_answer
    beginning.end()
    assert beginning.id is None
    answered = Beginning({"messages": [user("Hi"), said("Hello"), user("?")]}, Surface.CHAT, ASKER)
    assert not answered.waits_for_answer


@pytest.mark.parametrize("sent_back", ["  Hello \n there ", "Hello there", "Hello\t\tthere"])
def test_white_space_that_a_client_trims_does_not_count(sent_back: str) -> None:
    first = id_of(user("Hi"), answer=plain(said("\nHello   there\n")))
    assert id_of(user(" Hi\n"), said(sent_back), user("?")) == first


@given(st.lists(st.text(alphabet="ab 你\n\t", max_size=5), max_size=8))
def test_a_stream_gives_the_same_id_however_it_is_cut(pieces: list[str]) -> None:
    whole = id_of(user("Hi"), said("".join(pieces)), user("?"))
    assert id_of(user("Hi"), answer=streamed({"role": "assistant"}, *({"content": piece} for piece in pieces))) == whole


@settings(max_examples=15)
@given(st.integers(3_990, 4_010), st.integers(7, 997))
def test_of_a_long_answer_the_beginning_counts(length: int, cut: int) -> None:
    text = "word " * 2_000
    pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
    whole = id_of(user("Hi"), answer=streamed(*({"content": piece} for piece in pieces)))
    assert whole == id_of(user("Hi"), said(text), user("?"))
    assert whole == id_of(user("Hi"), said(text[:5_000]), user("?"))
    assert (whole == id_of(user("Hi"), said(text[:length]), user("?"))) is (length > 4_000)


def test_what_the_system_says_does_not_count() -> None:
    """Applications write the time there, or what they looked up for this turn."""
    first = id_of({"role": "system", "content": "It is 12:01."}, user("Hi"), answer=plain(said("Hello")))
    developer = {"role": "developer", "content": "It is 12:02."}
    assert id_of(developer, user("Hi"), said("Hello"), user("?")) == first
    assert id_of(user("Hi"), said("Hello"), user("?")) == first


def test_a_call_of_a_tool_is_an_answer_too() -> None:
    wanted = id_of(user("Rate?"), answer=plain(said(None, tool_calls=[call("call_1", '{"a": 1}'), call("call_2")])))
    echoed = said("", tool_calls=[call("call_1", '{"a":1}'), call("call_2")])  # clients write arguments anew
    result = {"role": "tool", "tool_call_id": "call_1", "content": "3%"}
    assert wanted is not None
    assert id_of(user("Rate?"), echoed, result) == wanted
    assert id_of(user("Rate?"), said(None, tool_calls=[call("call_1"), call("call_3")])) != wanted


def test_a_streamed_call_of_a_tool() -> None:
    first = {"tool_calls": [{"index": 0, "id": "call_1", "function": {"name": "look_up", "arguments": ""}}]}
    more = {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}
    other = {"tool_calls": [{"index": 1, "id": "call_2", "function": {"name": "look_up"}}]}
    streaming = id_of(user("Rate?"), answer=streamed({"role": "assistant", "content": None}, first, more, other, more))
    assert streaming == id_of(user("Rate?"), said(None, tool_calls=[call("call_1"), call("call_2")]))


def test_of_several_choices_the_first_counts() -> None:
    first = id_of(user("Hi"), said("one"), user("?"))
    assert id_of(user("Hi"), answer=plain(said("one"), said("two"))) == first
    mixed = [*streamed({"content": "two"}, index=1), *streamed({"content": "one"}), *streamed({"content": "2"}, index=1)]
    assert id_of(user("Hi"), answer=mixed) == first


def test_content_in_parts_is_its_text() -> None:
    parts = [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "data:..."}}]
    first = id_of(user(parts), answer=plain(said("A cat.")))
    assert id_of(user(parts), said([{"type": "text", "text": "A cat."}]), user("?")) == first
    assert id_of(user("Look:"), said("A cat.")) != first


RESPONSE: JsonObject = {
    "object": "response",
    "output": [
        {"type": "file_search_call", "id": "fs_1", "queries": ["Hi"], "status": "completed", "results": None},
        {"type": "reasoning", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]},
        {"type": "function_call", "call_id": "call_1", "name": "look_up", "arguments": "{}"},
    ],
}


@pytest.mark.parametrize(
    "answer",
    [
        [RESPONSE],
        [
            {"type": "response.created", "response": {"object": "response", "output": []}},
            {"type": "response.output_text.delta", "delta": "Hello"},
            {"type": "response.completed", "response": RESPONSE},
        ],
    ],
)
def test_responses_whole_and_streamed(answer: list[JsonObject]) -> None:
    request = {"model": "m", "input": "Hi", "instructions": "Be kind."}
    beginning = Beginning(request, Surface.RESPONSES, ASKER)
    for event in answer:
        beginning.see(event)
    beginning.end()
    result = {"type": "function_call_output", "call_id": "call_1", "output": "3%"}
    again = id_of(user("Hi"), *RESPONSE["output"], result, surface=Surface.RESPONSES)
    assert beginning.id is not None
    assert beginning.id == again


@pytest.mark.parametrize(
    "other",
    [
        id_of(user("Hello"), said("Hello"), user("?")),
        id_of(user("Hi"), said("Hullo"), user("?")),
        id_of(user("Hi"), user(""), said("Hello"), user("?")),
        id_of(user("HiHello"), said(""), user("?")),
        id_of(user("Hi"), said("Hello"), user("?"), asker=replace(ASKER, principal="eve")),
        id_of(user("Hi"), said("Hello"), user("?"), asker=replace(ASKER, model="n")),
        id_of(user("Hi"), said("Hello"), user("?"), asker=replace(ASKER, key=b"l" * 32)),
    ],
)
def test_other_chats_callers_and_tenants_have_others(other: str | None) -> None:
    assert other != id_of(user("Hi"), said("Hello"), user("?"))


@pytest.mark.parametrize("surface", [Surface.COMPLETIONS, Surface.EMBEDDINGS])
def test_what_is_no_chat_has_none(surface: Surface) -> None:
    beginning = Beginning({"prompt": "Hi", "input": "Hi"}, surface, ASKER)
    beginning.see({"choices": [{"index": 0, "text": "Hello"}]})
    beginning.end()
    assert (beginning.id, beginning.waits_for_answer) == (None, False)


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3))
_KEYS = st.sampled_from(["role", "content", "type", "tool_calls", "function", "id", "index", "output", "response", "name"])
_ITEMS = st.dictionaries(_KEYS, _JSON | st.sampled_from(["assistant", "user", "function_call"]), max_size=4)


@settings(max_examples=60)
@given(st.lists(_ITEMS, max_size=4), st.lists(_ITEMS, max_size=3))
def test_whatever_is_sent_or_answered_nothing_breaks(messages: list[Message], answers: list[Message]) -> None:
    for surface in (Surface.CHAT, Surface.RESPONSES):
        whole = [{"type": "response.completed", "response": answer} for answer in answers]
        id_of(*messages, surface=surface, answer=[*answers, *plain(*answers), *whole])
        id_of(surface=surface, answer=[{"choices": answers}, {"object": "response", "output": answers}])


STATED = "conv_689b5a6e1f2c81a0b3d4e5f60718293a4b5c6d7e8f901234"


@pytest.mark.parametrize(
    ("request_", "header"),
    [
        ({}, STATED),
        ({"metadata": {"conversation_id": STATED}}, None),
        ({"conversation": STATED}, None),
        ({"conversation": {"id": STATED}}, None),
        ({"metadata": {"conversation_id": "other"}, "conversation": "other"}, STATED),
        ({"metadata": {"conversation_id": STATED}, "conversation": "other"}, " "),
    ],
)
def test_a_client_may_state_its_id(request_: JsonObject, header: str | None) -> None:
    assert stated_conversation(request_, header, ASKER) == STATED


@pytest.mark.parametrize("request_", [{}, {"metadata": [STATED]}, {"metadata": {"conversation_id": 7}}, {"conversation": []}])
def test_what_is_no_text_states_nothing(request_: JsonObject) -> None:
    assert stated_conversation(request_, None, ASKER) is None


@pytest.mark.parametrize(
    "stated",
    [
        "550e8400-e29b-41d4-a716-446655440000",
        "chat-550e8400-e29b-41d4-a716-446655440000",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "thread_abc1def2ghi3jkl4mno5pqr6",
    ],
)
def test_ids_that_machines_make_are_kept_as_they_are(stated: str) -> None:
    assert stated_conversation({}, stated, ASKER) == stated


@pytest.mark.parametrize(
    "stated",
    [
        "13812345678",
        "zhangwei1990",
        "john.smith",
        "alice@example.com",
        "张伟",
        "11010119900307123X",
        "user_zhangwei19900307shanghai",
        "zhangwei-550e8400-e29b-41d4-a716-446655440000",
        "zhangwei_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "zhangwei_abc1def2ghi3jkl4mno5pqr6",
        "GB82WEST12345698765432",
        "<script>",
        "x" * 3_000,
        "half \ud83d",
    ],
)
def test_ids_that_may_name_somebody_are_hashed(stated: str) -> None:
    hashed = stated_conversation({}, stated, ASKER)
    assert hashed is not None
    assert hashed.startswith("conv_")
    assert stated not in hashed
    assert hashed == stated_conversation({"metadata": {"conversation_id": stated}}, None, replace(ASKER, principal="eve"))
    assert hashed != stated_conversation({}, stated, replace(ASKER, key=b"l" * 32))
    assert stated_conversation({}, hashed, ASKER) == hashed  # a client that reads the record may state what it found
