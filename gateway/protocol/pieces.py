"""The event that nearly every stream of a chat is made of: more of one choice's text, and nothing else.

Whoever looks at each event may ask this first: to look for what else one could hold takes many times as long. Pure.
"""

from __future__ import annotations

from typing import TypeAlias

from gateway.protocol.wire import JsonObject

Piece: TypeAlias = tuple[int, str]
"""The index that the choice states, and the text."""


def piece_of(event: JsonObject) -> Piece | None:
    """None for an event of any other kind: with a role, a call, a finish reason, several choices, or none."""
    try:
        (choice,) = event["choices"]
        said = choice["delta"]
        text, index = said["content"], choice["index"]
    except (KeyError, TypeError, ValueError):
        return None
    if type(text) is not str or type(index) is not int or len(said) != 1 or choice.get("finish_reason") is not None:
        return None
    return index, text


def with_text(event: JsonObject, text: str) -> JsonObject:
    """A copy of such an event that adds another text."""
    (choice,) = event["choices"]
    return {**event, "choices": [{**choice, "delta": {"content": text}}]}
