"""From the events of a YAML parser to plain data and places, refusing on the way whatever could grow."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from gateway.policy.reading.problems import key_of
from gateway.policy.reading.yaml_parser import FASTEST, Parser, syntax_refusal
from gateway.policy.reading.yaml_places import Places
from gateway.policy.reading.yaml_problems import Problems
from gateway.policy.reading.yaml_scalars import PlainScalars
from gateway.policy.reading.yaml_source import Source

MAX_DEPTH = 20
MAX_VALUES = 2_000_000
_UNNAMED = "?"

_SURROGATE = re.compile("[\ud800-\udfff]")
# The parser compares every directive with all before it, so a file of nothing else would keep it busy for an hour.
_DIRECTIVE = re.compile(r"(?:[ \t\r\n]|\.\.\.|#[^\r\n]*)*+%")
_NO_MAPPING = ("the file is not a mapping", "start with 'version: 1' and put 'name: value' below")
_NO_NAME = ("a name that YAML does not read as text", "put it in quotes")
_NO_NUMBER = ("a number that cannot be read", "write it in plain digits, or in quotes if it is text")
_NO_TAGS = ("a YAML tag", "remove the word that starts with '!'")
_NO_DIRECTIVES = ("a YAML directive", "remove the lines that start with '%'")
_NO_MERGE = ("a merge key", "write the fields out where they are used")


@dataclass(frozen=True, slots=True)
class Composed:
    """What a file says, and where."""

    data: object
    places: Places
    problems: Problems


def compose(source: Source, parser: type[Parser] = FASTEST) -> Composed:
    """Raises PolicyError for what is not YAML, and for anchors, directives, depth and size; lesser faults are listed."""
    try:
        return _Composer(source, parser(source.text)).document()
    except yaml.MarkedYAMLError as error:
        raise syntax_refusal(error, source) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # of PyYAML's own parser, for an escape beyond Unicode
        raise source.refusal(0, "not valid YAML: cannot be read", "check the escapes in double quotes") from None


class _Composer:
    """Recursion is bounded by MAX_DEPTH, memory by MAX_VALUES: nothing is built before it was admitted."""

    def __init__(self, source: Source, parser: Parser) -> None:
        self._source = source
        self._next = parser.get_event
        self._places = Places()
        self._problems = Problems(source)
        self._plain = PlainScalars()
        self._admitted = 0
        self._way: list[str | int] = []

    def document(self) -> Composed:
        self._next()  # the start of the stream
        self._no_directives(0)
        if not isinstance(self._next(), yaml.DocumentStartEvent):
            raise self._source.refusal(0, "the file is empty", "start with 'version: 1'")
        data = self._value(self._next(), 0)
        self._no_directives(self._next().end_mark.index)  # the end of the document
        end = self._next()
        if not isinstance(end, yaml.StreamEndEvent):
            self._refuse(end, "not valid YAML: more than one document", "remove what begins with this line")
        if not isinstance(data, dict):
            self._problems.add(self._places.value(0), *_NO_MAPPING)
        return Composed(data, self._places, self._problems)

    def _no_directives(self, index: int) -> None:
        found = _DIRECTIVE.match(self._source.text, index)
        if found is not None:
            raise self._source.refusal(found.end() - 1, *_NO_DIRECTIVES)

    def _value(self, event: Any, depth: int, key: int | None = None) -> object:
        """`key` is the index where the value's name starts, if it has one."""
        self._admit(event, depth)
        start = event.start_mark.index
        number = self._places.open(start, start if key is None else key)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        data = self._list(depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(depth)
        self._places.close(number)
        return data

    def _admit(self, event: Any, depth: int) -> None:
        """Every name and value passes here before anything is made of it."""
        if event.anchor is not None:
            self._refuse(event, "anchors and aliases are not allowed", "write the value out where it is used")
        if depth >= MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels", "check the brackets: a policy is never that deep")
        self._admitted += 1
        if self._admitted > MAX_VALUES:
            self._refuse(event, f"more than {MAX_VALUES:,} names and values", "remove what is not policy")
        if event.tag is not None:
            self._fault(event, *_NO_TAGS)

    def _list(self, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            self._way.append(len(items))
            items.append(self._value(event, depth + 1))
            self._way.pop()
        return items

    def _mapping(self, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        starts: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name = self._name(event, depth + 1, starts)
            before = len(self._places)
            self._way.append(_UNNAMED if name is None else name)
            value = self._value(self._next(), depth + 1, event.start_mark.index)
            self._way.pop()
            if name is None:
                self._places.drop(before)
            else:
                data[name] = value
        return data

    def _name(self, event: Any, depth: int, starts: dict[str, int]) -> str | None:
        """The name that a key gives; None where it gives none, or one that is taken, which is noted as a fault."""
        name = self._key(event, depth)
        if name in starts:
            line, _ = self._source.position(starts[name])
            self._way.append(name)
            self._fault(event, f"the same name as on line {line}", "keep one of the two")
            self._way.pop()
            return None
        if name is not None:
            starts[name] = event.start_mark.index
        return name

    def _key(self, event: Any, depth: int) -> str | None:
        if not isinstance(event, yaml.ScalarEvent):
            self._skip(event, depth)
            self._fault(event, *_NO_NAME)
            return None
        self._admit(event, depth)
        name = self._text(event)
        if not event.style and (name == "<<" or not self._plain.is_text(name)):
            self._fault(event, *(_NO_MERGE if name == "<<" else _NO_NAME))
            return None
        return sys.intern(name)  # the same few names stand in every tenant

    def _skip(self, event: Any, depth: int) -> None:
        before = len(self._places)
        self._value(event, depth)
        self._places.drop(before)

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        text = self._text(event)
        if event.style:
            return text
        try:
            return self._plain.read(text)
        except ValueError:
            self._fault(event, *_NO_NUMBER)
            return None

    def _text(self, event: yaml.ScalarEvent) -> str:
        """libyaml refuses halves of characters itself; PyYAML's own parser makes them of escapes."""
        if event.style == '"' and _SURROGATE.search(event.value):
            self._refuse(event, "not valid YAML: an escape that is no character", "check the escapes in double quotes")
        return str(event.value)

    def _fault(self, event: Any, message: str, fix: str) -> None:
        self._problems.add(event.start_mark.index, message, fix, self._way)

    def _refuse(self, event: Any, message: str, fix: str) -> NoReturn:
        raise self._source.refusal(event.start_mark.index, message, fix, key_of(self._way))
