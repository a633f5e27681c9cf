"""Every text leaf of a JSON body, read and written back.

The walk is blind to what a surface says about a field: every string, every key that is not a word of the protocol, and every
number large enough to be somebody's is a slot, in fields that we know and in fields that we do not. What is left out is left
out by *value* (`"user"`, `"function"`, `"auto"` ...) and never by place alone, so no field is a hiding place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from gateway.errors import MalformedBody
from gateway.protocol.segments import Segment, integer_of, is_json_document, segments
from gateway.protocol.vocabulary import (
    CONVERSATION,
    LARGEST_SETTING,
    NUMERIC_FIELDS,
    PROTOCOL_KEYS,
    PROTOCOL_WORDS,
    SCHEMA_BOUNDS,
    SCHEMA_FIELDS,
    SCHEMA_SAMPLES,
    VOICE,
    VOICES,
)
from gateway.protocol.wire import JsonObject, Path, is_data_uri

MAX_DEPTH = 100
"""Nesting that a body may have. JSON Schemas of tools reach about 20; orjson itself writes at most 254."""

_SHORTEST_NUMBER = 10**6
_ALWAYS_JSON = frozenset({"arguments", "partial_json"})
_SAYS_NOTHING = frozenset({"content", "text", "input", "output", "prompt", "arguments", "instructions", "suffix", "stop"})
_IDENTIFIERS = frozenset({"name"})


class Place(Enum):
    """Where a slot sits, which decides how it is written back."""

    VALUE = "value"
    KEY = "key"
    NUMBER = "number"


@dataclass(frozen=True)
class TextSlot:
    """A leaf that may hold text: its path, its place and its raw string."""

    path: Path
    place: Place
    raw: str = field(repr=False)

    @cached_property
    def is_json(self) -> bool:
        if self.place is not Place.VALUE:
            return False
        return self.path[-1] in _ALWAYS_JSON or is_json_document(self.raw)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        identifier = self.place is Place.VALUE and self.path[-1] in _IDENTIFIERS and _is_identifier(self.raw)
        return segments(self.raw, json=self.is_json, identifier=identifier)

    @property
    def label(self) -> str:
        """The key that the slot stands under, where that says something about its text."""
        key = self.path[-1]
        return key if isinstance(key, str) and self.place is not Place.KEY and key not in _SAYS_NOTHING else ""

    @property
    def in_conversation(self) -> bool:
        """Whether the slot is part of what is said, as against fields around it."""
        return self.path[0] in CONVERSATION

    @property
    def is_prose(self) -> bool:
        """Whether the slot is running text, in which a single capitalised word need not be the name it is elsewhere."""
        return self.place is Place.VALUE and not self.is_json and len(self.raw.split(maxsplit=3)) > 3


def read_slots(body: JsonObject) -> list[TextSlot]:
    """Every slot, in document order. Raises MalformedBody when the body is nested deeper than MAX_DEPTH."""
    found: list[TextSlot] = []
    _walk(body, (), found)
    return found


def write_slots(body: JsonObject, slots: Sequence[TextSlot], raws: Sequence[str]) -> JsonObject:
    """A body in which each slot holds its new raw string; `slots` are what `read_slots(body)` gave. `body` stays as it is.

    Raises MalformedBody when two keys of one object would become the same.
    """
    changes = _Changes()
    for slot, raw in zip(slots, raws, strict=True):
        if raw is not slot.raw and raw != slot.raw:
            changes.add(slot, raw)
    rewritten: JsonObject = _rewrite(body, (), changes)
    return rewritten


def map_strings(node: Any, change: Callable[[Path, str], str], rename: Callable[[str], str], path: Path = ()) -> Any:
    """A copy of a JSON value in which every string went through `change(path, string)`, and every key that is no word of
    the protocol through `rename(key)`."""
    match node:
        case str():
            return change(path, node)
        case dict():
            return {
                key if key in PROTOCOL_KEYS else rename(key): map_strings(value, change, rename, (*path, key))
                for key, value in node.items()
            }
        case list():
            return [map_strings(value, change, rename, (*path, at)) for at, value in enumerate(node)]
        case _:
            return node


def _walk(node: Any, path: Path, found: list[TextSlot]) -> None:
    if len(path) > MAX_DEPTH:
        raise MalformedBody(f"the body is nested deeper than {MAX_DEPTH} levels")
    match node:
        case str():
            if _may_say_something(node) and not (node in VOICES and path == VOICE):
                found.append(TextSlot(path, Place.VALUE, node))
        case dict():
            _walk_object(node, path, found)
        case list():
            for index, value in enumerate(node):
                _walk(value, (*path, index), found)
        case int() | float() if is_somebodys_number(node, path):
            found.append(TextSlot(path, Place.NUMBER, _spelled(node)))
        case _:
            pass


def _walk_object(node: JsonObject, path: Path, found: list[TextSlot]) -> None:
    for key, value in node.items():
        if key not in PROTOCOL_KEYS and key and not (path == ("logit_bias",) and _is_token_id(key)):
            found.append(TextSlot((*path, key), Place.KEY, key))
        _walk(value, (*path, key), found)


def _may_say_something(text: str) -> bool:
    return bool(text) and text not in PROTOCOL_WORDS and not is_data_uri(text)


def is_somebodys_number(number: float, path: Path) -> bool:
    """Whether a number is large enough to be somebody's (and so is a slot), and no setting."""
    return not isinstance(number, bool) and abs(number) >= _SHORTEST_NUMBER and not _is_setting(number, path)


def _is_setting(number: float, path: Path) -> bool:
    if path[0] in SCHEMA_FIELDS or (path[0] in CONVERSATION and len(path) > 2 and path[2] in SCHEMA_FIELDS):  # of an item
        return path[-1] in SCHEMA_BOUNDS and SCHEMA_SAMPLES.isdisjoint(path)
    return len(path) == 1 and path[0] in NUMERIC_FIELDS and abs(number) < LARGEST_SETTING


def _is_token_id(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) < len(str(LARGEST_SETTING))


def _spelled(number: float) -> str:
    """In plain decimals: below 2**53 a float's repr has no exponent, and beyond it every float is an integer."""
    return str(int(number)) if float(number).is_integer() else repr(number)


class _Changes:
    """New strings by where they stand, and what has to be made anew because it holds one."""

    def __init__(self) -> None:
        self.values: dict[Path, str | int] = {}
        self.keys: dict[Path, str] = {}
        self._holders: set[Path] = set()

    def add(self, slot: TextSlot, raw: str) -> None:
        if slot.place is Place.KEY:
            self.keys[slot.path] = raw
        else:
            self.values[slot.path] = _number(slot, raw) if slot.place is Place.NUMBER else raw
        holder = slot.path[:-1]
        while holder not in self._holders:
            self._holders.add(holder)
            holder = holder[:-1]

    def within(self, path: Path) -> bool:
        return path in self._holders


def _rewrite(node: Any, path: Path, changes: _Changes) -> Any:
    """What holds no change is used again as it is."""
    if not changes.within(path):
        return changes.values.get(path, node)
    if isinstance(node, dict):
        return _rewrite_object(node, path, changes)
    return [_rewrite(value, (*path, index), changes) for index, value in enumerate(node)]


def _rewrite_object(node: JsonObject, path: Path, changes: _Changes) -> JsonObject:
    rewritten = {changes.keys.get(at := (*path, key), key): _rewrite(value, at, changes) for key, value in node.items()}
    if len(rewritten) < len(node):  # two masked keys look the same, and one of their values would be lost
        raise MalformedBody("Two keys of one object would become the same when redacted; send such data as values.")
    return rewritten


def _number(slot: TextSlot, raw: str) -> str | int:
    """A number stays one where it gets a surrogate that is one, and becomes a string beside a placeholder."""
    integer = integer_of(raw) if len(raw) == len(slot.raw) else None
    return raw if integer is None else integer


def _is_identifier(raw: str) -> bool:
    return raw.isascii() and raw.replace("_", "").replace("-", "").replace(".", "").isalnum()
