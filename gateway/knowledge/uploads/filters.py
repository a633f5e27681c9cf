"""Which files a search is to look at, by their attributes: comparisons, with `and` and `or`, as OpenAI has them. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from gateway.errors import MalformedBody
from gateway.knowledge.uploads.shapes import Attributes

_DEEPEST = 8
_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
)
Filter = Callable[[Attributes], bool]


def filter_of(said: Any, depth: int = 0) -> Filter:
    """Raises MalformedBody."""
    if not isinstance(said, dict) or depth > _DEEPEST:
        raise _malformed()
    kind, parts = said.get("type"), said.get("filters")
    if kind in ("and", "or"):
        if not isinstance(parts, list) or not parts:
            raise _malformed()
        inner = [filter_of(part, depth + 1) for part in parts]
        some = all if kind == "and" else any
        return lambda attributes: some(one(attributes) for one in inner)
    return _comparison(kind, said.get("key"), said.get("value"))


def _comparison(kind: Any, key: Any, value: Any) -> Filter:
    """A file without the attribute is like none with it, so that `ne` and `nin` let it through."""
    if not isinstance(key, str) or value is None:
        raise _malformed()
    match kind:
        case "eq":
            return lambda attributes: attributes.get(key) == value
        case "ne":
            return lambda attributes: attributes.get(key) != value
        case "in" | "nin" if isinstance(value, list):
            return lambda attributes: (attributes.get(key) in value) is (kind == "in")
        case "gt" | "gte" | "lt" | "lte" if _is_number(value):
            compare = _ORDERED[kind]
            return lambda attributes: _is_number(attributes.get(key)) and compare(attributes[key], value)
        case _:
            raise _malformed()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _malformed() -> MalformedBody:
    return MalformedBody("A filter is not one that we know.", param="filters")
