"""One example: a chat that ends with the answer to be learned. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from gateway.errors import InvalidRequest
from gateway.protocol.wire import JsonObject, Surface

_ROLES = frozenset({"system", "developer", "user", "assistant"})
_SPEAKING = frozenset({"text", "input_text", "output_text"})


@dataclass(frozen=True, slots=True)
class Turn:
    role: str
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """`unit` is whoever is protected, under a keyed name. The last turn is the assistant's."""

    tenant: str
    unit: str
    turns: tuple[Turn, ...]

    def to_json(self) -> bytes:
        return orjson.dumps({"tenant": self.tenant, "unit": self.unit, "messages": [asdict(turn) for turn in self.turns]})

    @property
    def normal_form(self) -> str:
        """Equal for texts that differ in case, width and white space only."""
        return "\0".join(f"{turn.role}\0{_normal(turn.content)}" for turn in self.turns)


def read_example(line: bytes) -> Example:
    """What `to_json` wrote. Raises InvalidRequest."""
    try:
        said = orjson.loads(line)
        turns = tuple(Turn(_text(one["role"]), _text(one["content"])) for one in said["messages"])
        example = Example(tenant=_text(said["tenant"]), unit=_text(said["unit"]), turns=turns)
    except (ValueError, TypeError, KeyError):
        raise InvalidRequest("A line of the data set is no example.", param="dataset") from None
    if not turns or turns[-1].role != "assistant":
        raise InvalidRequest("An example ends with an answer of the assistant.", param="dataset")
    return example


def turns_of(request: JsonObject, surface: Surface, answer: str) -> tuple[Turn, ...] | None:
    """The chat of an exchange; None of one that no chat of texts can stand for: tools, several answers, other content."""
    if not answer.strip() or request.get("tools") or request.get("functions") or request.get("n") not in (None, 1):
        return None
    asked = _asked(request, surface)
    return (*asked, Turn("assistant", answer)) if asked else None


def _asked(request: JsonObject, surface: Surface) -> tuple[Turn, ...] | None:
    if not surface.speaks:
        return None
    if surface is Surface.COMPLETIONS:
        return _said([{"role": "user", "content": request.get("prompt")}])
    said = request.get("messages" if surface is Surface.CHAT else "input")
    messages = said if isinstance(said, list) else [{"role": "user", "content": said}]
    instructions = request.get("instructions")
    return _said([*([{"role": "system", "content": instructions}] if instructions else []), *messages])


def _said(messages: list[Any]) -> tuple[Turn, ...] | None:
    turns = tuple(_turns(messages))
    return turns if turns and all(turn.role in _ROLES and turn.content.strip() for turn in turns) else None


def _turns(messages: list[Any]) -> Iterator[Turn]:
    """With an empty text for what is none."""
    for message in messages:
        known = isinstance(message, Mapping) and message.get("type", "message") == "message" and not message.get("tool_calls")
        role = message.get("role") if known else None
        yield Turn(role if isinstance(role, str) else "", _content(message.get("content")) if known else "")


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, Mapping) and part.get("type") in _SPEAKING]
    whole = len(texts) == len(parts) and all(isinstance(text, str) for text in texts)
    return "\n".join(map(str, texts)) if whole else ""


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
