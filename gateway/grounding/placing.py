"""Puts passages before the user's last words, in one text with them where they are one text. Pure.

In the user's turn, because what a document says must not have the system's authority, and in no turn of its own, because
several models' templates refuse two turns of one role in a row.
"""

from __future__ import annotations

from typing import Any

from gateway.grounding.question import Turn
from gateway.protocol.wire import JsonObject, Path


def placed(request: JsonObject, turn: Turn, text: str) -> tuple[JsonObject, Path]:
    """A new request, and the path of the string that now begins with `text`."""
    content = at_path(request, turn.path)
    if isinstance(content, list):
        return _with(request, turn.path, [{"type": turn.part, "text": text}, *content]), (*turn.path, 0, "text")
    return _with(request, turn.path, f"{text}{content}"), turn.path


def at_path(node: Any, path: Path) -> Any:
    for step in path:
        node = node[step]
    return node


def _with(node: Any, path: Path, value: Any) -> Any:
    """A copy in which another value stands at a path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [_with(one, rest, value) if at == step else one for at, one in enumerate(node)]
    return {**node, step: _with(node[step], rest, value)}
