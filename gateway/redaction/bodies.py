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
_COUNTS = frozenset({"usage", "created", "created_at", "completed_at", "index"})
"""Under these stand times and counts of the server, which are nobody's even where they have the digits of a surrogate."""


def kind_of(path: Path) -> TextKind:
    """What the text at this place of a finished body carries."""
    if path[-1] == _ARGUMENTS:
        return TextKind.ARGUMENTS
    return TextKind.CONTENT if path[-1] in _CONTENT else TextKind.OTHER


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
        copy: JsonObject = self._copy(body, _laid_out(finals), "", counts=False)
        return copy

    def _copy(self, node: Any, finals: Any, key: str, *, counts: bool) -> Any:
        """`key` is what the node stands under; nothing in an array. Arguments that are no text are no JSON to escape for. Where
        numbers are `counts`, they stay as they are.
        """
        if isinstance(node, str):
            if finals is not None:
                return finals
            return self._restorer.whole(node, json=key == _ARGUMENTS or (self._json_content and key in _CONTENT))
        if isinstance(node, dict):
            return self._object(node, finals or {}, counts=counts)
        if isinstance(node, list):
            finals = finals or {}
            return [self._copy(value, finals.get(at), "", counts=counts) for at, value in enumerate(node)]
        return self._restorer.number(node) if isinstance(node, int) and not counts else node

    def _object(self, node: JsonObject, finals: dict[str | int, Any], *, counts: bool) -> JsonObject:
        whole = self._restorer.whole
        return {
            key if key in PROTOCOL_KEYS else whole(key): self._copy(
                value, finals.get(key), key, counts=counts or key in _COUNTS
            )
            for key, value in node.items()
        }


def _laid_out(finals: Mapping[Path, str]) -> dict[str | int, Any]:
    """The texts where the body has theirs."""
    root: dict[str | int, Any] = {}
    for path, text in finals.items():
        node = root
        for step in path[:-1]:
            node = node.setdefault(step, {})
        node[path[-1]] = text
    return root
