"""The user's last words, by which a conversation is known again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError
from gateway.protocol.guidance import begins_with_one, last_user_texts, with_system
from gateway.protocol.wire import JsonObject, Surface
from tests.protocol.test_guidance import OURS, SYSTEM, USER, turns


def part(text: Any, kind: str = "text") -> JsonObject:
    return {"type": kind, "text": text}


@pytest.mark.parametrize(
    ("messages", "texts"),
    [
        ([USER], ("hi",)),
        ([USER, {"role": "assistant", "content": "yes?"}, {"role": "user", "content": "more"}], ("more",)),
        ([USER, {"role": "assistant", "content": None}, {"role": "tool", "content": "42"}], ("hi",)),
        ([{"role": "user", "content": [part("a"), {"type": "image_url", "image_url": {}}, part("b")]}], ("a\nb",)),
        ([{"role": "user", "content": [{"type": "refusal", "refusal": "x"}, part("a")]}], ("x\na",)),
        ([{"role": "user", "content": [{"type": "thinking", "thinking": "x"}, part("a")]}], ("x\na",)),
        ([USER, *({"role": role, "content": "x"} for role in ("system", "developer", "assistant", "function"))], ("hi",)),
        ([USER, {"role": "user", "content": [{"type": "image_url", "image_url": {}}]}], ()),
        ([USER, {"role": "user", "content": None}], ()),
        ([USER, {"role": "user"}], ()),
        ([USER, {"role": "human", "content": "more"}], ("more",)),
        ([USER, {"role": ["user"], "content": "more"}], ("more",)),
        ([USER, {"content": "more"}], ("more",)),
        ([USER, {"type": "reasoning", "content": "more"}], ("more",)),
        ([SYSTEM], ()),
        ([{"role": "user", "content": [part(7), part(None), {}]}], ()),
        ([{"role": "user", "content": [{"type": "refusal", "text": "a", "refusal": "x"}]}], ()),
        ([{"role": "user", "content": [{"type": "text", "refusal": "a"}, part("x")]}], ()),
        ([{"role": "user", "content": [{"text": "a", "refusal": "x"}]}], ()),
        ([{"role": "user", "content": [{"type": "text", "text": {"value": "x"}}, part("a")]}], ()),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {}, "text": "a"}, part("x")]}], ()),
        ([{"role": "user", "content": [{"type": ["text"], "text": "a"}, part("x")]}], ()),
        ([{"role": "user", "content": [{"text": "a"}, {"refusal": "b"}]}], ("a\nb",)),
        ([{"role": "user", "content": []}], ()),
        ([{"role": "user", "content": ""}], ("",)),
    ],
)
def test_the_last_text_of_a_chat_s_user(messages: list[JsonObject], texts: tuple[str, ...]) -> None:
    assert last_user_texts({"model": "m", "messages": messages}, Surface.CHAT) == texts


@pytest.mark.parametrize(
    ("given_", "texts"),
    [
        ("hi", ("hi",)),
        ([USER], ("hi",)),
        ([{"type": "message", "role": "user", "content": [part("a", "input_text"), part("b", "input_text")]}], ("a\nb",)),
        ([USER, {"type": "message", "role": "assistant", "content": [part("yes", "output_text")]}], ("hi",)),
        ([USER, {"type": "function_call_output", "call_id": "c", "output": "42"}], ("hi",)),
        ([USER, {"type": "reasoning", "content": [part("hm", "reasoning_text")]}], ("hi",)),
        ([USER, {"type": "message", "content": "more"}], ("more",)),
        ([USER, {"role": "user", "content": 7}], ()),
        ([{"role": "user", "content": ["a", part("b")]}], ("a\nb",)),
        ([{"role": "user", "content": ["a", 7, part("b")]}], ()),
        ([{"role": "user", "content": [["x"], part("a")]}], ()),
        ([], ()),
    ],
)
def test_the_last_text_of_a_response_s_user(given_: Any, texts: tuple[str, ...]) -> None:
    assert last_user_texts({"model": "m", "input": given_}, Surface.RESPONSES) == texts


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        ({"prompt": "hi"}, ("hi",)),
        ({"prompt": ["a", "b"]}, ("a", "b")),
        ({"prompt": [1, 2]}, ()),
        ({"prompt": ["a", [1]]}, ()),
        ({"prompt": "a", "prompt_embeds": ["QUJD"]}, ()),
    ],
)
def test_every_prompt_is_a_last_text(fields: JsonObject, texts: tuple[str, ...]) -> None:
    assert last_user_texts({"model": "m", **fields}, Surface.COMPLETIONS) == texts


def test_embeddings_have_no_user() -> None:
    assert last_user_texts({"model": "m", "input": "hi"}, Surface.EMBEDDINGS) == ()


@given(st.lists(turns, min_size=1, max_size=4), st.sampled_from([Surface.CHAT, Surface.RESPONSES]))
def test_odd_turns_crash_nothing(given_: list[JsonObject], surface: Surface) -> None:
    request = {"model": "m", "messages": given_, "input": given_}
    assert len(last_user_texts(request, surface)) <= 1
    try:
        guided = with_system(request, surface, OURS)
    except GatewayError:
        return
    assert last_user_texts(guided, surface) == last_user_texts(request, surface)


@pytest.mark.parametrize(
    ("text", "prefixes", "begins"),
    [
        ("Summarise: x", ("Translate:", "Summarise:"), True),
        (" \n\u3000总结：x", ("总结：",), True),
        ("Summarise: x", ("\tSummarise:",), True),
        ("summarise: x", ("Summarise:",), False),
        ("Please summarise: x", ("summarise:",), False),
        ("Summarise", ("Summarise:",), False),
        ("", ("Summarise:",), False),
        ("anything", (" ",), False),
        (" anything", (" ", "any"), True),
        ("anything", (), False),
    ],
)
def test_how_a_text_begins(text: str, prefixes: tuple[str, ...], begins: bool) -> None:
    assert begins_with_one(text, prefixes) is begins
