"""Which files a search is to look at, by their attributes: comparisons, with `and` and `or`, as OpenAI has them. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from types import MappingProxyType
from typing import Any

from gateway.errors import MalformedBody
from gateway.knowledge.uploads.shapes import Attributes

_DEEPEST = 8
_MOST = 100
_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
)
Filter = Callable[[Attributes], bool]


def filter_of(said: Any) -> Filter:
    """Raises MalformedBody, also for more than 100 comparisons: each is made for every file of a store."""
    return _filter(said, count(1), 0)


def _filter(said: Any, numbers: Iterator[int], depth: int) -> Filter:
    if not isinstance(said, dict) or depth > _DEEPEST or next(numbers) > _MOST:
        raise _malformed()
    kind, parts = said.get("type"), said.get("filters")
    if kind in ("and", "or"):
        if not isinstance(parts, list) or not parts:
            raise _malformed()
        inner = [_filter(part, numbers, depth + 1) for part in parts]
        some = all if kind == "and" else any
        return lambda attributes: some(one(attributes) for one in inner)
    return _comparison(kind, said.get("key"), said.get("value"))


def _comparison(kind: Any, key: Any, value: Any) -> Filter:
    """A file without the attribute is like none with it, so that `ne` and `nin` let it through."""
    if not isinstance(key, str) or value is None:
        raise _malformed()
    match kind:
        case "eq" | "ne" if not isinstance(value, list):
            return _within(key, [value], wanted=kind == "eq")
        case "in" | "nin" if isinstance(value, list):
            return _within(key, value, wanted=kind == "in")
        case "gt" | "gte" | "lt" | "lte" if _is_number(value):
            compare = _ORDERED[kind]
            return lambda attributes: _is_number(attributes.get(key)) and compare(attributes[key], value)
        case _:
            raise _malformed()


def _within(key: str, values: Sequence[Any], *, wanted: bool) -> Filter:
    if not all(isinstance(value, str | int | float) for value in values):
        raise _malformed()
    known = frozenset(map(_told_apart, values))
    return lambda attributes: (_told_apart(attributes.get(key)) in known) is wanted


def _told_apart(value: object) -> tuple[bool, object]:
    """`true` is no number: to Python it is 1."""
    return isinstance(value, bool), value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _malformed() -> MalformedBody:
    return MalformedBody("A filter is not one that we know.", param="filters")
