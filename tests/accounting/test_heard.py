from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting import heard as room
from gateway.accounting.heard import Heard
from gateway.protocol.wire import Surface
from tests.support import shapes
from tests.support.response_shapes import response, response_deltas

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def heard(surface: Surface, deltas: list[dict[str, Any]]) -> Heard:
    found = Heard(surface)
    for delta in deltas:
        found.see(delta)
    return found


@pytest.mark.parametrize(
    ("surface", "deltas"),
    [
        (Surface.CHAT, [shapes.chat(CHAT, ["one two"])]),
        (Surface.CHAT, shapes.chat_deltas(CHAT, ["one two"])),
        (Surface.COMPLETIONS, [shapes.completion({"model": "m", "prompt": "x"}, ["one two"])]),
        (Surface.COMPLETIONS, shapes.completion_deltas({"model": "m", "prompt": "x"}, ["one two"])),
        (Surface.RESPONSES, [response({"model": "m"}, "one two")]),
        (Surface.RESPONSES, response_deltas({"model": "m"}, "one two")),
    ],
)
def test_what_was_said_is_heard_once(surface: Surface, deltas: list[dict[str, Any]]) -> None:
    found = heard(surface, deltas)
    assert (found.text, found.length) == ("one two", 7)
    assert found.events >= 1


def test_thoughts_and_calls_of_tools_are_said_too() -> None:
    call = {"function": {"name": "find", "arguments": '{"a": 1}'}}
    found = heard(Surface.CHAT, [{"choices": [{"delta": {"reasoning_content": "hm ", "tool_calls": [call, None]}}, "odd"]}])
    assert found.text == 'hm find{"a": 1}'


def test_choices_that_come_interleaved_are_heard_apart() -> None:
    events = [{"choices": [{"index": index, "delta": {"content": text}}]} for index, text in ((0, "to"), (1, "wo"), (0, "day"))]
    found = heard(Surface.CHAT, [*events, {"choices": [{"index": 1, "delta": {"content": "rk", "role": "assistant"}}]}])
    assert (found.texts, found.text, found.events) == (["today", "work"], "todaywork", 4)


def test_events_without_text_are_not_counted() -> None:
    found = heard(Surface.CHAT, [{"choices": [{"delta": {"role": "assistant"}}]}, {"choices": []}, {"usage": None}])
    assert (found.events, found.text) == (0, "")


def test_of_a_very_long_answer_only_the_length_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST", 10)
    found = heard(Surface.CHAT, [{"choices": [{"delta": {"content": "a" * 10}}]}] * 4)
    assert (found.length, found.scaled(5)) == (10, 20)


_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["choices", "delta", "message", "content", "tool_calls", "output", "object"]), inner)
    ),
)


@given(st.sampled_from(list(Surface)), st.dictionaries(st.sampled_from(["choices", "delta", "output", "object"]), _JSON))
def test_nothing_that_a_backend_sends_stops_it(surface: Surface, delta: dict[str, Any]) -> None:
    assert heard(surface, [delta]).events in (0, 1)
