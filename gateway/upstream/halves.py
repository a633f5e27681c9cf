"""Characters that a backend cut in two: JSON can spell half of a surrogate pair (RFC 8259, section 8.2), no text can hold it.

Servers that count in UTF-16 send an emoji or a rare Chinese character as two events, half in either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from gateway.protocol.wire import JsonObject

_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")
_NO_CHARACTER = "\N{REPLACEMENT CHARACTER}"
_INDEXES = ("index", "output_index", "content_index", "summary_index")

_Path: TypeAlias = tuple[object, ...]
_Change: TypeAlias = Callable[[_Path, str], str]


def may_be_cut(data: bytes) -> bool:
    """Whether JSON that could not be read spells a half, so that it is worth a second reading."""
    return _ESCAPED_HALF.search(data) is not None


def read_with_halves(data: bytes) -> Any:
    """JSON whose strings may hold halves. Raises ValueError for all else that is wrong, RecursionError if nested very deep."""
    return json.loads(data, parse_constant=_refuse_constant)


def without_halves(body: JsonObject) -> JsonObject:
    """The same, with U+FFFD for each half. Containers must not nest too deep to recurse."""
    changed: JsonObject = _changed(body, (), lambda _, text: _HALF.sub(_NO_CHARACTER, text))
    return changed


class Halves:
    """First halves of one stream's characters, held until the next string of the same place brings the second.

    What brings none, or stands without a first, is U+FFFD; a first half after which nothing comes is left out.
    """

    def __init__(self) -> None:
        self._held: dict[_Path, str] = {}

    def __bool__(self) -> bool:
        """Whether one is held, so that also an event that spells none has to be seen."""
        return bool(self._held)

    def joined(self, delta: JsonObject) -> JsonObject:
        """The event without halves. Containers must not nest too deep to recurse."""
        whole: JsonObject = _changed(delta, (), self._whole)
        return whole

    def _whole(self, path: _Path, text: str) -> str:
        if not text:
            return text
        text = self._held.pop(path, "") + text
        if "\ud800" <= text[-1] <= "\udbff":
            self._held[path], text = text[-1], text[:-1]
        return _HALF.sub(_NO_CHARACTER, text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))


def _changed(node: Any, path: _Path, change: _Change) -> Any:
    if isinstance(node, str):
        return change(path, node)
    if isinstance(node, list):
        return [_changed(child, (*path, at), change) for at, child in enumerate(node)]
    if isinstance(node, dict):
        place = (*_parent(node, path), *(node.get(name) for name in _INDEXES))
        return {_HALF.sub(_NO_CHARACTER, key): _changed(child, (*place, key), change) for key, child in node.items()}
    return node


def _parent(node: dict[str, Any], path: _Path) -> _Path:
    """Choices and calls are told apart by their index: they come in lists of one, so their place in it says nothing."""
    return path[:-1] if path and isinstance(path[-1], int) and "index" in node else path


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
