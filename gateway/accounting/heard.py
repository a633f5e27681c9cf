"""What a model said, gathered while it says it, so that its tokens can be counted when the backend does not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.protocol.wire import JsonObject, Surface

_MOST = 4_000_000
"""Characters that are held; of what comes after them only the number is known."""
_SAID = ("content", "reasoning_content", "reasoning", "refusal")


class Heard:
    """The texts of one answer, each choice's apart: choices come interleaved. `see` is called for each event of a stream, so it
    looks in known places only.
    """

    def __init__(self, surface: Surface) -> None:
        self._texts_in = _responses if surface is Surface.RESPONSES else _choices
        self._pieces: dict[int, list[str]] = {}
        self._held = 0
        self._beyond = 0
        self.events = 0

    def see(self, delta: JsonObject) -> None:
        """Take note of one event, or of a plain answer. Never raises."""
        plain = _plainest(delta)
        if plain is not None:
            self.events += 1
            self._hold(*plain)
        elif texts := tuple(self._texts_in(delta)):
            self.events += 1
            for choice, text in texts:
                self._hold(choice, text)

    def _hold(self, choice: int, text: str) -> None:
        if self._held < _MOST:
            self._pieces.setdefault(choice, []).append(text)
            self._held += len(text)
        else:
            self._beyond += len(text)

    @property
    def texts(self) -> list[str]:
        return ["".join(pieces) for pieces in self._pieces.values()]

    @property
    def text(self) -> str:
        """One choice after the other."""
        return "".join(self.texts)

    @property
    def length(self) -> int:
        """Characters that are held."""
        return self._held

    def scaled(self, tokens: int) -> int:
        """Tokens of the whole answer, where `tokens` are those of the text that is held."""
        return tokens if not self._beyond else round(tokens * (self._held + self._beyond) / self._held)


def _plainest(delta: JsonObject) -> tuple[int, str] | None:
    """The text of an event that says one thing and nothing else, as nearly all of a stream do: found without a search."""
    try:
        (choice,) = delta["choices"]
        said = choice["delta"]
        text = said["content"]
    except (KeyError, TypeError, ValueError):
        return None
    return (_number(choice), text) if type(text) is str and text and len(said) <= 1 else None


def _number(choice: Mapping[str, Any]) -> int:
    index = choice.get("index")
    return index if type(index) is int else 0


def _choices(delta: JsonObject) -> Iterator[tuple[int, str]]:
    choices = delta.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            yield from ((_number(choice), text) for text in _choice(choice))


def _choice(choice: Mapping[str, Any]) -> Iterator[str]:
    said = choice.get("delta") or choice.get("message")
    if not isinstance(said, dict):
        yield from _strings(choice, ("text",))
        return
    yield from _strings(said, _SAID)
    calls = said.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            yield from _strings(function, ("name", "arguments"))


def _responses(event: JsonObject) -> Iterator[tuple[int, str]]:
    """There is one choice."""
    return ((0, text) for text in _spoken(event))


def _spoken(event: JsonObject) -> Iterator[str]:
    """Streams say everything twice, in deltas and in events that repeat them: only the deltas count."""
    if event.get("object") != "response":
        yield from _strings(event, ("delta",))
        return
    output = event.get("output")
    for item in output if isinstance(output, list) else ():
        if isinstance(item, dict):
            yield from _strings(item, ("name", "arguments"))
            parts = item.get("content")
            for part in parts if isinstance(parts, list) else ():
                yield from _strings(part, ("text", "refusal")) if isinstance(part, dict) else ()


def _strings(fields: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        text = fields.get(name)
        if isinstance(text, str) and text:
            yield text
