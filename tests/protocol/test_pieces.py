"""An event that only says more of one text is told from every other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.protocol.channels import TextKind, closed, content_channel, fragments, speaking
from gateway.protocol.pieces import piece_of, with_text
from gateway.protocol.wire import Surface


def event(choice: Any, **more: Any) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion.chunk", "choices": [choice], **more}


def said(text: Any, **more: Any) -> dict[str, Any]:
    return {"index": 0, "delta": {"content": text}, "finish_reason": None, **more}


@pytest.mark.parametrize("text", ["word", "", "<PERSON_1>"])
def test_more_of_one_text_is_a_piece(text: str) -> None:
    assert piece_of(event(said(text, index=2, logprobs=None))) == (2, text)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": "x"},
        {"choices": {"0": {}}},
        {"choices": [said("a"), said("b", index=1)]},
        event("text"),
        event({}),
        event({"index": 0, "delta": None}),
        event({"index": 0, "delta": "text"}),
        event({"delta": {"content": "no index"}}),
        event(said(None)),
        event(said(["a"])),
        event(said("text", index=True)),
        event(said("text", index="0")),
        event(said("text", finish_reason="stop")),
        event({"index": 0, "delta": {"content": "text", "role": "assistant"}}),
        event({"index": 0, "delta": {"tool_calls": []}}),
        event({"index": 0, "message": {"content": "whole"}}),
    ],
)
def test_every_other_event_is_none(other: dict[str, Any]) -> None:
    assert piece_of(other) is None


@given(st.integers(-1, 5), st.text())
def test_a_piece_is_all_that_is_said_and_closes_nothing(index: int, text: str) -> None:
    spoken = event(said(text, index=index))
    (found,) = fragments(Surface.CHAT, spoken)
    assert piece_of(spoken) == (index, found.text)
    assert (found.channel, found.kind) == (content_channel(index), TextKind.CONTENT)
    assert closed(Surface.CHAT, spoken, [content_channel(index)]) == []


def test_another_text_changes_nothing_else() -> None:
    spoken = event(said("a", index=2, logprobs=None), created=7)
    assert with_text(spoken, "b") == event(said("b", index=2, logprobs=None), created=7)
    assert spoken == event(said("a", index=2, logprobs=None), created=7)


@pytest.mark.parametrize(
    ("delta", "speaks"),
    [
        ({"content": "a"}, True),
        ({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f"}}]}, True),
        ({"function_call": {"name": "f"}}, True),
        ({"role": "assistant", "content": ""}, False),
        ({"role": "assistant"}, False),
        ({"annotations": [{"type": "url_citation"}]}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_choice_speaks_where_it_says_something_or_begins_a_call(delta: Any, speaks: bool) -> None:
    assert speaking(event({"index": 3, "delta": delta})) == ({3} if speaks else set())
