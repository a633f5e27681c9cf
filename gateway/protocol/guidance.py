"""Words that policy puts before a conversation, and what the user said last, which policy may want to begin in a certain way.

Requests are those that `protocol.request` let through, and stay as they are: what changes is a new request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
_UNDOING = ("truncate_prompt_tokens", "chat_template", "input_ids", "prompt_token_ids")
"""vLLM's and SGLang's: the first keeps only the end, the last two go in place of all that is said."""
_TRUNCATION = "truncation"
"""In `responses`: with `auto` the beginning of what is too long is left out. vLLM keeps the end of it."""
_TEMPLATE_ARGUMENTS = "chat_template_kwargs"
_LAYING_OUT = frozenset({"chat_template", "conversation", "messages", "tokenize", "truncation", "max_length"})
"""Not for a template but for what fills it in, to which vLLM before 0.11.1 and SGLang pass them on (CVE-2025-62426)."""
_SPOKEN = ("text", "refusal", "thinking")
_SPOKEN_BY_TYPE: Mapping[str, str] = {
    **dict.fromkeys(("text", "input_text", "output_text", "summary_text", "reasoning_text"), "text"),
    "refusal": "refusal",
    "thinking": "thinking",
}


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


def refuse_undoing(request: JsonObject) -> None:
    """Raises MalformedBody for a request that asks a backend to cut off how the conversation begins, or to lay it out anew."""
    for field in _UNDOING:
        if request.get(field) is not None:
            raise MalformedBody(f"Policy says how this conversation begins: leave out '{field}'.", param=field)
    if request.get(_TRUNCATION) not in (None, "disabled"):
        raise MalformedBody("Policy says how this conversation begins: leave out 'truncation'.", param=_TRUNCATION)
    arguments = request.get(_TEMPLATE_ARGUMENTS)
    if isinstance(arguments, dict) and not _LAYING_OUT.isdisjoint(arguments):
        raise MalformedBody(
            "Policy says how this conversation begins: 'chat_template_kwargs' may hold what a template asks for, and no more.",
            param=_TEMPLATE_ARGUMENTS,
        )


def with_system(request: JsonObject, surface: Surface, text: str) -> JsonObject:
    """A request in which the system says `text` before it says anything else. Embeddings and
    moderations have no system: they stay.

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
            return _last_said(reversed(request["messages"]))
        case Surface.RESPONSES:
            given = request["input"]
            return (given,) if isinstance(given, str) else _last_said(turn for turn in reversed(given) if _is_turn(turn))
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


def _last_said(turns: Iterable[JsonObject]) -> tuple[str, ...]:
    """The last turn stands first here."""
    content = next((turn.get("content") for turn in turns if _is_users(turn)), None)
    match content:
        case str():
            return (content,)
        case list():
            read = [_words(part) for part in content]
            words = [word for said in read for word in said or ()]
            return ("\n".join(words),) if words and None not in read else ()
        case _:
            return ()


def _is_users(turn: JsonObject) -> bool:
    """Whoever is nobody else is the user: many models' templates pass on roles that they do not know."""
    return turn.get("role") not in _ROLES_OF_OTHERS


def _is_turn(item: JsonObject) -> bool:
    """Items of other types, such as a tool's output, have no role."""
    return item.get("role") is not None or item.get("type") in (None, "message")


def _words(part: Any) -> list[str] | None:
    """What a part says; backends read `refusal` and `thinking` as text as well.

    None for a part with words in another place than its type's, or in several: one backend would read them as the beginning,
    and another would pass over them.
    """
    if not isinstance(part, dict):
        return [part] if isinstance(part, str) else None
    kind = part.get("type")
    said = [key for key in _SPOKEN if part.get(key) is not None]
    own = next(iter(said), None) if kind is None else _SPOKEN_BY_TYPE.get(str(kind))
    if own is None:
        return None if said else []
    return [part[own]] if said == [own] and isinstance(part[own], str) else None
