"""What policy may ask of a request: counts, flags and names, never its text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.protocol.tools import has_search, helpers_of, tools_of
from gateway.protocol.vocabulary import LARGEST_SETTING
from gateway.protocol.wire import Beside, JsonObject, Surface

PURPOSE_HEADER = "x-gateway-purpose"
CONSENT_HEADER = "x-gateway-consent"
CONVERSATION_HEADER = "x-gateway-conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the caller says of the request in headers: what it is for, under which consent, and in which conversation."""

    purpose: str | None = None
    consent: str | None = None
    conversation: str | None = field(default=None, repr=False)
    cache_control: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One request as policy sees it. `bytes` is the size of its body, `named_bytes` that of kept items
    that it names and does not hold; `max_tokens` is 0 where the client sets none.

    `messages` counts messages, items, prompts or inputs. `tools` counts those also that old clients call functions, those that
    items of the input bring along, and a search that a chat asks for without a tool.
    `model`, `purpose`, `consent` and `helpers` are the client's words and may be anything: they are compared, and quoted
    nowhere. `helpers` are further models that the backend is to use.
    """

    model: str
    surface: Surface | Beside
    stream: bool = False
    purpose: str | None = None
    consent: str | None = None
    messages: int = 0
    tools: int = 0
    bytes: int = 0
    named_bytes: int = 0
    max_tokens: int = 0
    helpers: tuple[str, ...] = ()


SPOKEN_IN: Mapping[Surface, str] = {
    Surface.CHAT: "messages",
    Surface.COMPLETIONS: "prompt",
    Surface.EMBEDDINGS: "input",
    Surface.RESPONSES: "input",
    Surface.MODERATIONS: "input",
}
"""The field of each surface in which its caller speaks."""

_MAX_TOKENS = ("max_completion_tokens", "max_output_tokens", "max_tokens", "n_predict")
"""The last is llama.cpp's own, which goes before the others there."""
_LARGEST = 2**53 - 1


def facts_of(request: JsonObject, surface: Surface, stated: Stated = Stated(), *, size: int = 0) -> Facts:
    """The facts of a parsed request; what stands in headers goes before `metadata` (`purpose`, `consent`)."""
    metadata = request.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return Facts(
        model=request["model"],
        surface=surface,
        stream=bool(request.get("stream")),
        purpose=_word(stated.purpose) or _word(metadata.get("purpose")),
        consent=_word(stated.consent) or _word(metadata.get("consent")),
        messages=_said(request.get(SPOKEN_IN[surface])),
        tools=_tools(request),
        bytes=size,
        max_tokens=_most([request.get(name) for name in _MAX_TOKENS]),
        helpers=helpers_of(request),
    )


def _word(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _said(value: Any) -> int:
    """A list of token ids is one prompt."""
    if not isinstance(value, list):
        return 1 if isinstance(value, str) else 0
    return 1 if value and all(isinstance(item, int) for item in value) else len(value)


def _tools(request: JsonObject) -> int:
    functions = request.get("functions")
    return sum(1 for _ in tools_of(request)) + (len(functions) if isinstance(functions, list) else 0) + has_search(request)


def _most(settings: list[Any]) -> int:
    """The largest; all there is where one sets a limit and another takes it away (-1 does): backends differ in which holds."""
    most = max(map(lenient_tokens, settings))
    return _LARGEST if most and any(_as_number(setting) < 0 for setting in settings) else most


def lenient_tokens(value: Any) -> int:
    """A number of tokens. One that no setting reaches could be somebody's, and is not passed on: it counts as all there are."""
    number = lenient_number(value)
    return number if number < LARGEST_SETTING else _LARGEST


def lenient_number(value: Any) -> int:
    """A setting as lenient backends read it, which take 100.0 and "100" for 100, and at most what a float keeps exactly."""
    number = _as_number(value)
    return math.ceil(min(number, _LARGEST)) if number > 0 else 0


def _as_number(value: Any) -> float:
    """0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return 0
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return 0
