"""Calls of tools in litellm's chunks, put into OpenAI's shape: what was begun comes to its end once, and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from gateway.protocol.wire import JsonObject
from gateway.upstream.litellm.reply import PlainChunks


@dataclass(frozen=True)
class Chunk:
    """As litellm's: a model that gives itself as JSON."""

    choices: tuple[JsonObject, ...]

    def model_dump(self) -> dict[str, Any]:
        return {"id": "c", "created": 1, "choices": list(self.choices), "usage": None}


def calling(*calls: tuple[int, str | None], choice: int = 0, reason: str | None = None) -> Chunk:
    """Calls by their index, and what this chunk has of their arguments."""
    spoken = [{"index": at, "function": {"name": None, "arguments": arguments}} for at, arguments in calls]
    return Chunk(({"index": choice, "delta": {"tool_calls": spoken}, "finish_reason": reason},))


def pieces(*chunks: Chunk) -> list[tuple[int, str | None]]:
    deltas = PlainChunks("m", with_usage=False).of(chunks)
    calls = [call for delta in deltas for call in delta["choices"][0]["delta"].get("tool_calls", ())]
    return [(call["index"], call["function"].get("arguments")) for call in calls]


def arguments(*chunks: Chunk) -> dict[int, str]:
    found: dict[int, str] = {}
    for at, more in pieces(*chunks):
        found[at] = found.get(at, "") + (more or "")
    return found


ENDS = Chunk(({"index": 0, "delta": {}, "finish_reason": "tool_calls"},))


@pytest.mark.parametrize(
    ("chunks", "said"),
    [
        ([calling((0, "")), calling((0, "{}")), calling((0, "{}")), ENDS], {0: "{}"}),
        ([calling((0, "")), calling((1, '{"a"')), calling((1, ":1}")), ENDS], {0: "{}", 1: '{"a":1}'}),
        ([calling((0, None), (1, None)), ENDS], {0: "{}", 1: "{}"}),
        ([calling((0, "{")), calling((0, "}")), calling((1, "")), calling((0, "")), ENDS], {0: "{}", 1: "{}"}),
    ],
)
def test_each_call_has_one_object_for_arguments(chunks: list[Chunk], said: dict[int, str]) -> None:
    assert arguments(*chunks) == said


def test_a_call_begins_before_it_ends() -> None:
    both = [(0, None), (0, "{}"), (1, None), (1, "{}")]
    assert pieces(calling((0, None), (1, None), reason="tool_calls")) == both
    assert pieces(calling((0, None)), calling((1, None), reason="tool_calls")) == both


def test_a_call_that_goes_on_behind_its_end_is_not_cut_off_in_silence() -> None:
    with pytest.raises(ValueError, match="goes on"):
        arguments(calling((0, "")), calling((1, "")), calling((0, '{"amount": 5}')), ENDS)
