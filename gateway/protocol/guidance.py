"""Words that policy puts before a conversation, and what the user said last, which policy may want to begin in a certain way.

Requests are those that `protocol.request` let through, and stay as they are: what changes is a new request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.errors import MalformedBody, UninspectableContent
from gateway.protocol.wire import JsonObject, Surface

TEMPLATE_NAMES = ("tenant", "team", "principal", "model", "purpose")
"""What a template may name."""

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_ALL_NAMES = ", ".join(f"{{{name}}}" for name in TEMPLATE_NAMES)

_GAP = "\n\n"
_SYSTEM_ROLES = ("system", "developer")
_ROLES_OF_OTHERS = (*_SYSTEM_ROLES, "assistant", "tool", "function")
_SPOKEN = ("text", "refusal", "thinking")


def check_template(text: str) -> str | None:
    """What is wrong with a template, in words for its author, or None. Positions count characters from 1.

    Only a bare name stands in braces: `str.format` would also walk to attributes and items of what it is given.
    """
    for found in _BRACES.finditer(text):
        place = f"at character {found.start() + 1}"
        if found[0] in ("{", "}"):
            return f"the brace {place} stands alone: write {{{{ or }}}} for a brace, or one of {_ALL_NAMES}"
        if found[1] is not None and found[1] not in TEMPLATE_NAMES:
            return f"the braces {place} hold no known name: write one of {_ALL_NAMES}, with nothing else between the braces"
    return None


def fill_template(text: str, values: Mapping[str, str]) -> str:
    """A checked template with the values of its names. Values are put in as they are, braces and all.

    Raises KeyError for a template that `check_template` finds fault with, or a name without a value.
    """

    def filled(found: re.Match[str]) -> str:
        doubled = found[0] in ("{{", "}}")
        return found[0][0] if doubled else values[found[1] or found[0]]

    return _BRACES.sub(filled, text)


def with_system(request: JsonObject, surface: Surface, text: str) -> JsonObject:
    """A request in which the system says `text` before it says anything else. Embeddings have no system: they stay.

    A chat's own system message is joined, because several models' templates refuse two of them.
    Raises MalformedBody or UninspectableContent for a request that has no place for the text.
    """
    match surface:
        case Surface.CHAT:
            return {**request, "messages": _led(request["messages"], text)}
        case Surface.RESPONSES:
            return {**request, "instructions": _instructed(request.get("instructions"), text)}
        case Surface.COMPLETIONS:
            return {**request, "prompt": _prompted(request, text)}
        case _:
            return request


def last_user_texts(request: JsonObject, surface: Surface) -> tuple[str, ...]:
    """The last text that the user wrote; of completions every prompt, because each is answered. Empty where there is none."""
    match surface:
        case Surface.CHAT:
            return _last_said(request["messages"])
        case Surface.RESPONSES:
            given = request["input"]
            return (given,) if isinstance(given, str) else _last_said(given)
        case Surface.COMPLETIONS:
            return tuple(_prompts(request) or ())
        case _:
            return ()


def begins_with_one(text: str, prefixes: Sequence[str]) -> bool:
    """Whether a text begins with one of these, white space in front of either left out of account.

    A prefix of nothing but white space begins no text: it would begin every one.
    """
    beginnings = tuple(prefix.lstrip() for prefix in prefixes)
    return text.lstrip().startswith(tuple(filter(None, beginnings)))


def _led(messages: list[JsonObject], text: str) -> list[JsonObject]:
    first, *rest = messages
    if first.get("role") not in _SYSTEM_ROLES:
        return [{"role": "system", "content": text}, *messages]
    return [{**first, "content": _before(first.get("content"), text)}, *rest]


def _before(content: Any, text: str) -> Any:
    """The gap also ends a part of its own: some backends join parts without anything between them."""
    if not content:
        return text
    return [{"type": "text", "text": text + _GAP}, *content] if isinstance(content, list) else text + _GAP + content


def _instructed(instructions: Any, text: str) -> Any:
    if instructions is not None and not isinstance(instructions, str):
        raise MalformedBody("'instructions' must be a string.", param="instructions")
    return _before(instructions, text)


def _prompted(request: JsonObject, text: str) -> str | list[str]:
    prompts = _prompts(request)
    if prompts is None:
        raise UninspectableContent("Policy puts words before every prompt, and can do so only with text.", param="prompt")
    led: list[str] = [_before(prompt, text) for prompt in prompts]
    return led[0] if isinstance(request["prompt"], str) else led


def _prompts(request: JsonObject) -> list[str] | None:
    """Every prompt, or None where one is token ids or vectors, which nobody here can read."""
    prompt = request["prompt"]
    prompts = [prompt] if isinstance(prompt, str) else prompt
    readable = not request.get("prompt_embeds") and all(isinstance(each, str) for each in prompts)
    return prompts if readable else None


def _last_said(turns: Sequence[JsonObject]) -> tuple[str, ...]:
    content = next((turn.get("content") for turn in reversed(turns) if _is_users(turn)), None)
    match content:
        case str():
            return (content,)
        case list():
            words = [word for part in content for word in _words(part)]
            return ("\n".join(words),) if words else ()
        case _:
            return ()


def _is_users(turn: JsonObject) -> bool:
    """Whoever is nobody else is the user: many models' templates pass on roles that they do not know."""
    role = turn.get("role")
    if role is None:
        return turn.get("type") in (None, "message")  # items of other types, such as a tool's output, have no role
    return role not in _ROLES_OF_OTHERS


def _words(part: Any) -> list[str]:
    """Whatever a part says: backends also read `refusal` and `thinking` as text, and so would a hidden beginning be."""
    if not isinstance(part, dict):
        return [part] if isinstance(part, str) else []
    return [part[key] for key in _SPOKEN if isinstance(part.get(key), str)]
