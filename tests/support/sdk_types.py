"""Values of the OpenAI SDK's own types: every way to a leaf of one, and the smallest value that has this leaf.

    for way in ways(CompletionCreateParams):
        body = smallest(CompletionCreateParams, way, fill)

Types of requests are TypedDicts and those of answers are models, with unions, literals and lists between them, and they refer
to each other. A *way* is what is chosen between a type and one of its leaves.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from random import Random
from typing import Any, Literal, Union, get_args, get_origin

import typing_extensions
from pydantic import BaseModel

Way = tuple[str | int, ...]
"""Names of fields, positions in unions and literals, `[]` and `{}` for what a list or a free object holds."""

Fill = Callable[[Any, tuple[str, ...]], Any]
"""The value of a leaf of this type (`str`, `int`, `float`, `bool`, `object`) under these names of fields."""

_REQUIRED = (typing.Required, typing_extensions.Required)
_OPTIONAL = (typing.NotRequired, typing_extensions.NotRequired)
_MARKS = (*_REQUIRED, *_OPTIONAL, typing.Annotated)
_DEEP = 8


def ways(tp: Any, *, words: bool = False, within: tuple[Any, ...] = ()) -> Iterator[Way]:
    """Every way from a type to a leaf, none twice through one object type; with `words`, one to each word of a literal."""
    tp = _bare(tp)
    if _is_object(tp):
        for name, inner in _fields(tp).items() if tp not in within else ():
            yield from ((name, *way) for way in ways(inner, words=words, within=(*within, tp)))
    elif members := _members(tp):
        for at, member in enumerate(members):
            yield from ((at, *way) for way in ways(member, words=words, within=within))
    elif (inner := _in_list(tp)) is not None:
        yield from (("[]", *way) for way in ways(inner, words=words, within=within))
    elif (inner := _in_free_object(tp)) is not None:
        yield from (("{}", *way) for way in ways(inner, words=words, within=within))
    elif words and get_origin(tp) is Literal:
        yield from ((at,) for at in range(len(get_args(tp))))
    else:
        yield ()


def smallest(tp: Any, way: Way, fill: Fill, names: tuple[str, ...] = ()) -> Any:
    """The value with what is required, and with the leaf at the end of the way."""
    tp, first, rest = _bare(tp), way[0] if way else None, way[1:]
    if _is_object(tp):
        return {
            name: smallest(inner, rest if name == first else (), fill, (*names, name))
            for name, inner in _fields(tp).items()
            if name == first or name in _required(tp)
        }
    if members := _members(tp):
        return smallest(members[_plainest(members) if first is None else int(first)], rest, fill, names)
    if (inner := _in_list(tp)) is not None:
        return [smallest(inner, rest, fill, names)]
    if (inner := _in_free_object(tp)) is not None:
        return {"note": smallest(inner, rest, fill, (*names, "note"))}
    return _leaf(tp, 0 if first is None else int(first), fill, names)


def by_chance(tp: Any, rng: Random, fill: Fill, names: tuple[str, ...] = (), depth: int = 0) -> Any:
    """A value with fields and members as chance has them, fewer the deeper it gets."""
    tp = _bare(tp)
    if _is_object(tp):
        return {
            name: by_chance(inner, rng, fill, (*names, name), depth + 1)
            for name, inner in _fields(tp).items()
            if name in _required(tp) or rng.random() < 0.6 / (depth + 1)
        }
    if members := _members(tp):
        member = rng.choice(members) if depth < _DEEP else members[_plainest(members)]
        return by_chance(member, rng, fill, names, depth)
    if (inner := _in_list(tp)) is not None:
        return [by_chance(inner, rng, fill, names, depth + 1) for _ in range(rng.randint(1, 3) if depth < _DEEP // 2 else 1)]
    if (inner := _in_free_object(tp)) is not None:
        return {f"note {at}": by_chance(inner, rng, fill, (*names, "note"), depth + 1) for at in range(rng.randint(0, 2))}
    return _leaf(tp, 0, fill, names)  # a word by chance would seldom fit the fields beside it


def _leaf(tp: Any, at: int, fill: Fill, names: tuple[str, ...]) -> Any:
    if get_origin(tp) is Literal:
        return get_args(tp)[at]
    return None if tp is type(None) else fill(tp, names)


def _bare(tp: Any) -> Any:
    while get_origin(tp) in _MARKS:
        tp = get_args(tp)[0]
    return tp


def _is_object(tp: Any) -> bool:
    return bool(typing_extensions.is_typeddict(tp)) or _is_model(tp)


def _is_model(tp: Any) -> bool:
    return isinstance(tp, type) and issubclass(tp, BaseModel)


@cache
def _fields(tp: Any) -> dict[str, Any]:
    if _is_model(tp):
        return {field.alias or name: field.annotation for name, field in tp.model_fields.items()}
    return dict(typing_extensions.get_type_hints(tp, include_extras=True))


@cache
def _required(tp: Any) -> frozenset[str]:
    """By the annotations: where they are postponed, `__required_keys__` was made without reading them."""
    if _is_model(tp):
        return frozenset(field.alias or name for name, field in tp.model_fields.items() if field.is_required())
    whole = tp.__annotations__ if tp.__total__ else ()
    return frozenset(
        name
        for name, inner in _fields(tp).items()
        if get_origin(inner) in _REQUIRED or (name in whole and get_origin(inner) not in _OPTIONAL)
    )


def _members(tp: Any) -> list[Any]:
    """Of a union, without None."""
    return (
        [one for one in map(_bare, get_args(tp)) if one is not type(None)] if get_origin(tp) in (Union, types.UnionType) else []
    )


def _plainest(members: list[Any]) -> int:
    """The first that leads nowhere else, if there is one."""
    return next((at for at, one in enumerate(members) if not _is_object(one) and _in_list(one) is None), 0)


def _in_list(tp: Any) -> Any:
    """What a list holds; the SDK's `SequenceNotStr` is one."""
    origin = get_origin(tp)
    if not isinstance(origin, type) or issubclass(origin, Mapping):
        return None
    return get_args(tp)[0] if issubclass(origin, Iterable) or origin.__name__ == "SequenceNotStr" else None


def _in_free_object(tp: Any) -> Any:
    origin = get_origin(tp)
    return get_args(tp)[1] if isinstance(origin, type) and issubclass(origin, Mapping) else None
