"""JSON lines: each is found by itself. `title` and `text` (or `content`) are read as such, the rest by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.knowledge.formats.document import Block, Document, Refusal, Refused, document
from gateway.knowledge.formats.text import decoded

_TEXT = ("text", "content", "body")


def read_jsonl(data: bytes) -> Document:
    try:
        return document(
            "", [Block(_written(orjson.loads(line)), alone=True) for line in decoded(data).split("\n") if line.strip()]
        )
    except orjson.JSONDecodeError:
        raise Refused(Refusal.BROKEN) from None


def _written(line: Any) -> str:
    if not isinstance(line, dict):
        return "\n".join(_leaves(line, ""))
    named = {"title", *_TEXT}
    rest = {key: value for key, value in line.items() if key not in named or not isinstance(value, str)}
    said = [line[key] for key in ("title", *_TEXT) if isinstance(line.get(key), str)]
    return "\n".join([*said, *_leaves(rest, "")])


def _leaves(node: Any, name: str) -> Iterator[str]:
    """`name: value` for each value; of nested objects the names are joined by dots."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{name}.{key}" if name else key)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, name)
    elif node is not None:
        yield f"{name}: {node}" if name else str(node)
