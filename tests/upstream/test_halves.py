"""A backend that cuts characters in two: what it says is read as if it had not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamProtocolError
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.answer import DeltaReader, read_answer

LIMIT = 100_000
WIDE = st.text("aé中🍀𠮷\U0010ffff\ufeff", max_size=20)


def units(text: str, size: int) -> list[str]:
    """The text in pieces of this many UTF-16 units, as a server that counts in them cuts it."""
    raw = text.encode("utf-16-le")
    return [raw[at : at + 2 * size].decode("utf-16-le", "surrogatepass") for at in range(0, len(raw), 2 * size)]


def event(body: JsonObject) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def chat(*choices: JsonObject) -> bytes:
    return event({"object": "chat.completion.chunk", "choices": list(choices)})


def read(surface: Surface, *events: bytes) -> list[JsonObject]:
    return DeltaReader(surface, LIMIT).feed(b"".join(events))


def contents(deltas: list[JsonObject], index: int = 0) -> str:
    return "".join(one["delta"]["content"] for delta in deltas for one in delta["choices"] if one["index"] == index)


@given(WIDE, WIDE, st.integers(1, 4))
def test_choices_that_are_cut_anywhere_add_up(first: str, second: str, size: int) -> None:
    texts = [units(first, size), units(second, size)]
    events = [
        chat({"index": index, "delta": {"content": pieces[at]}})
        for at in range(max(map(len, texts)))
        for index, pieces in enumerate(texts)
        if at < len(pieces)
    ]
    deltas = read(Surface.CHAT, *events)
    assert [contents(deltas, 0), contents(deltas, 1)] == [first, second]


@given(WIDE, st.integers(1, 4))
def test_arguments_of_calls_side_by_side_add_up(text: str, size: int) -> None:
    calls = [{"index": at, "function": {"arguments": piece}} for piece in units(text, size) for at in (0, 1)]
    deltas = read(Surface.CHAT, *(chat({"index": 0, "delta": {"tool_calls": [call]}}) for call in calls))
    said = [delta["choices"][0]["delta"]["tool_calls"][0] for delta in deltas]
    for at in (0, 1):
        assert "".join(call["function"]["arguments"] for call in said if call["index"] == at) == text


@given(WIDE, st.integers(1, 4))
def test_items_of_a_response_add_up(text: str, size: int) -> None:
    kind = "response.output_text.delta"
    events = [
        event({"type": kind, "output_index": at, "content_index": 0, "delta": piece})
        for piece in units(text, size)
        for at in (0, 1)
    ]
    deltas = read(Surface.RESPONSES, *events)
    for at in (0, 1):
        assert "".join(delta["delta"] for delta in deltas if delta["output_index"] == at) == text


def test_an_event_between_the_halves_says_what_it_says() -> None:
    high, low = units("🍀", 1)
    empty, role = {"index": 0, "delta": {"content": ""}}, {"index": 0, "delta": {"role": "assistant"}}
    halves = [{"index": 0, "delta": {"content": half}} for half in (high, low)]
    deltas = read(Surface.CHAT, chat(halves[0]), chat(empty), chat(role), chat(halves[1]))
    assert [delta["choices"][0]["delta"] for delta in deltas] == [
        {"content": ""},
        {"content": ""},
        {"role": "assistant"},
        {"content": "🍀"},
    ]


def test_a_half_without_its_other_is_a_replacement_character() -> None:
    high, low = units("🍀", 1)
    pieces = ["a", high, "b", low, "c", high]
    assert (
        contents(read(Surface.CHAT, *(chat({"index": 0, "delta": {"content": piece}}) for piece in pieces)))
        == "a\ufffdb\ufffdc"
    )
    assert read_answer(200, json.dumps({"id": f"{low}x", f"k{high}": [high + low, high]}).encode()) == {
        "id": "\ufffdx",
        "k\ufffd": ["🍀", "\ufffd"],
    }


@pytest.mark.parametrize(
    "wrong",
    ['{"a": "\\ud83c", "b": NaN}', '{"a": "\\ud83c"', '{"a": "\\ud83c"}{}', '{"\\ud83c": ' + "[" * 100_000, '"\\ud83c"'],
)
def test_what_is_wrong_otherwise_stays_so(wrong: str) -> None:
    with pytest.raises(UpstreamProtocolError) as failure:
        read_answer(200, wrong.encode())
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__ or failure.value.__context__ is None
    deep = b'{"a": "\\ud83c", "b": ' + b"[" * 150 + b"]" * 150 + b"}"
    with pytest.raises(UpstreamProtocolError, match="nested"):
        read_answer(200, deep)
