"""What is looked for: the user's last words, and where in the request they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.grounding.prompt import only_prompt
from gateway.knowledge.chunks import units
from gateway.protocol.wire import JsonObject, Path, Surface

_TEXTS = ("text", "input_text")
_SHORT = 40
"""Units (see `gateway.knowledge.chunks`) of a question that hardly says by itself what it is about: `And in winter?`"""
_LONGEST = 2_000
"""Characters; of a longer text its end, where people put what they ask."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The user's last turn: where its content lies, and in what kind of parts. `query` is what documents are asked."""

    path: Path
    part: str
    query: str = field(repr=False)


def last_turn(request: JsonObject, surface: Surface) -> Turn | None:
    """None where the user says nothing that could be looked for, and for surfaces that do not speak. The one prompt of a
    completion is a turn; raises InvalidRequest where there is not just one.
    """
    if not surface.speaks:
        return None
    if surface is Surface.COMPLETIONS:
        path, prompt = only_prompt(request)
        return Turn(path, "text", prompt[-_LONGEST:]) if prompt.strip() else None
    name, part = ("messages", "text") if surface is Surface.CHAT else ("input", "input_text")
    said = request.get(name)
    if isinstance(said, str):
        return Turn((name,), part, said[-_LONGEST:]) if said.strip() else None
    turns = list(_users(said if isinstance(said, list) else []))
    if not turns or not turns[-1][1].strip():
        return None
    return Turn((name, turns[-1][0], "content"), part, _query([text for _, text in turns]))


def _users(items: Sequence[Any]) -> Iterator[tuple[int, str]]:
    for at, item in enumerate(items):
        if isinstance(item, dict) and item.get("role") == "user" and item.get("type") in (None, "message"):
            yield at, _words(item.get("content"))


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict) and part.get("type") in _TEXTS)
    return "\n".join(text for text in texts if isinstance(text, str))


def _query(texts: Sequence[str]) -> str:
    """A short question goes together with the one before it."""
    last = texts[-1]
    if units(last) < _SHORT and len(texts) > 1:
        last = f"{texts[-2]}\n{last}"
    return last[-_LONGEST:]
