"""A server's answer as OpenAI would have sent it. Pure: what needs nothing is handed on as it came, and most need nothing.

Reasoning is left where the server puts it, be it `reasoning`, `reasoning_content` or tags in the text: its clients know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.response_events import ResponsePlaces, in_openais_words
from gateway.upstream.servers import Server
from gateway.upstream.tool_calls import StreamedCalls, mend_whole

Mend: TypeAlias = Callable[[JsonObject], None]
"""Changes one object of an answer in place; it is nobody else's yet."""


def mend_of(server: Server, surface: Surface, *, stream: bool) -> Mend | None:
    """What mends the objects of one answer; None where nothing has to be. A stream's remembers what came before."""
    mends = list(_mends(server, surface, stream=stream))
    if len(mends) < 2:
        return mends[0] if mends else None

    def all_of_them(delta: JsonObject) -> None:
        for mend in mends:
            mend(delta)

    return all_of_them


def _mends(server: Server, surface: Surface, *, stream: bool) -> Iterator[Mend]:
    if surface is Surface.CHAT and server.loose_tool_calls:
        yield _Calls(server.ends_calls_with_stop) if stream else _whole_calls(server.ends_calls_with_stop)
    if surface is Surface.RESPONSES and stream and server.responses_without_places:
        yield ResponsePlaces()
    if surface is Surface.RESPONSES and server.responses_in_other_words:
        yield in_openais_words
    if surface is Surface.COMPLETIONS and server.blank_finish_reason:
        yield _no_blank_reason
    if server.usage_below_zero:
        yield _no_usage_below_zero


class _Calls:
    """The tool calls of a stream, by choice."""

    def __init__(self, ends_with_stop: bool) -> None:
        self._ends_with_stop = ends_with_stop
        self._of_choice: dict[str, StreamedCalls] = {}

    def __call__(self, delta: JsonObject) -> None:
        for choice in _choices(delta):
            said, index = choice.get("delta"), str(choice.get("index"))
            if isinstance(said, dict) and said.get("tool_calls"):
                self._of_choice.setdefault(index, StreamedCalls()).mend(said)
            if self._ends_with_stop and index in self._of_choice:
                _end_with_calls(choice)


def _whole_calls(ends_with_stop: bool) -> Mend:
    def mend(answer: JsonObject) -> None:
        for choice in _choices(answer):
            message = choice.get("message")
            if isinstance(message, dict) and message.get("tool_calls"):
                mend_whole(message)
                if ends_with_stop:
                    _end_with_calls(choice)

    return mend


def _end_with_calls(choice: JsonObject) -> None:
    if choice.get("finish_reason") == "stop":
        choice["finish_reason"] = "tool_calls"


def _no_blank_reason(delta: JsonObject) -> None:
    for choice in _choices(delta):
        if choice.get("finish_reason") == "":
            choice["finish_reason"] = None


def _no_usage_below_zero(delta: JsonObject) -> None:
    usage = delta.get("usage")
    if isinstance(usage, dict) and any(isinstance(count, int) and count < 0 for count in usage.values()):
        delta["usage"] = None


def _choices(delta: JsonObject) -> list[JsonObject]:
    choices = delta.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
