"""Puts originals back into a whole JSON body: a plain answer, or one event of a stream.

Every event passes here, and most hold nothing to restore: so the body is walked once, and no path is written down on the way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson

from gateway.protocol.channels import TextKind
from gateway.protocol.vocabulary import PROTOCOL_KEYS
from gateway.protocol.wire import JsonObject, Path
from gateway.redaction.restore import Restorer

_ARGUMENTS = "arguments"
_CONTENT = frozenset({"content", "text"})
_OF_ANSWERS = (None, "message", "text", "output_text", "response.output_text.done")
"""Types of what holds the answer itself. Thoughts, and a summary of them, are no JSON where JSON was asked for."""
_COUNTS = frozenset({"usage", "created", "created_at", "completed_at", "index"})
"""Under these stand times and counts of the server, which are nobody's even where they have the digits of a surrogate."""


def kind_of(body: JsonObject, path: Path) -> TextKind:
    """What the text at this place of a finished body carries."""
    holder: Any = body
    for step in path[:-1]:
        holder = holder[step]
    return _kind(holder, path[-1])


def _kind(holder: Any, key: str | int) -> TextKind:
    if key == _ARGUMENTS:
        return TextKind.ARGUMENTS
    return TextKind.CONTENT if key in _CONTENT and holder.get("type") in _OF_ANSWERS else TextKind.OTHER


class BodyRestorer:
    """`json_content`: the answer itself is a JSON document, as the arguments of tool calls are."""

    def __init__(self, restorer: Restorer, *, json_content: bool) -> None:
        self._restorer = restorer
        self._json_content = json_content

    def is_untouched(self, body: JsonObject) -> bool:
        """Whether nothing in a body can be restored, neither string nor key. May err towards no."""
        return self._restorer.is_empty or self._telling.search(orjson.dumps(body).decode()) is None

    @cached_property
    def _telling(self) -> re.Pattern[str]:
        """A backslash is among them in any case: what JSON escapes may begin something."""
        return re.compile(rf"\\|{self._restorer.beginnings.pattern}")

    def restored(self, body: JsonObject, finals: Mapping[Path, str]) -> JsonObject:
        """A copy in which every string is restored, keys too, but for `finals`, which by their paths are put as they are."""
        copy: JsonObject = self._object(body, _laid_out(finals), counts=False)
        return copy

    def _copy(self, node: Any, finals: Any, kind: TextKind, *, counts: bool) -> Any:
        """`kind` is that of the node, if it is a text: arguments that are none are no JSON to escape for. Where numbers are
        `counts`, they stay as they are.
        """
        if isinstance(node, str):
            return self._restorer.whole(node, json=self._is_json(kind)) if finals is None else finals
        if isinstance(node, dict):
            return self._object(node, finals or {}, counts=counts)
        if isinstance(node, list):
            finals = finals or {}
            return [self._copy(value, finals.get(at), TextKind.OTHER, counts=counts) for at, value in enumerate(node)]
        return self._restorer.number(node) if isinstance(node, int) and not counts else node

    def _object(self, node: JsonObject, finals: dict[str | int, Any], *, counts: bool) -> JsonObject:
        whole = self._restorer.whole
        return {
            key if key in PROTOCOL_KEYS else whole(key): self._copy(
                value, finals.get(key), _kind(node, key), counts=counts or key in _COUNTS
            )
            for key, value in node.items()
        }

    def _is_json(self, kind: TextKind) -> bool:
        return kind is TextKind.ARGUMENTS or (self._json_content and kind is TextKind.CONTENT)


def _laid_out(finals: Mapping[Path, str]) -> dict[str | int, Any]:
    """The texts where the body has theirs."""
    root: dict[str | int, Any] = {}
    for path, text in finals.items():
        node = root
        for step in path[:-1]:
            node = node.setdefault(step, {})
        node[path[-1]] = text
    return root
