"""YAML as plain data plus the place of every value in the file.

Safe by construction: only mappings, lists and plain scalars; no tags, anchors or aliases (a few lines of them can grow
to gigabytes), no duplicate keys (YAML would silently keep the last one), bounded in size, depth and number of values.
Reading takes time and memory in proportion to the file; places are looked up only for problems.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.policy.reading.problems import PolicyError, Problem
from gateway.policy.reading.yaml_compose import MAX_DEPTH, MAX_VALUES, compose
from gateway.policy.reading.yaml_parser import FASTEST, Parser
from gateway.policy.reading.yaml_places import Finder, Places, TreePath
from gateway.policy.reading.yaml_scalars import index_within
from gateway.policy.reading.yaml_source import START, Position, Source

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_VALUES", "Position", "Tree", "TreePath", "parse", "value_at"]

MAX_BYTES = 16_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A parsed file; `problems` were found on the way."""

    data: object = field(repr=False)
    problems: tuple[Problem, ...]
    _source: Source = field(repr=False)
    _places: Places = field(repr=False)
    _finder: Finder = field(repr=False)

    def locate(self, path: TreePath, *, on_key: bool = False) -> Position:
        """The place of the value (or its key) at this path, or of the nearest part around it that exists."""
        number, taken = self._finder.find(path)
        if on_key and taken == len(path):
            return self._source.position(self._places.key(number))
        return self._source.position(self._places.value(number))

    def named(self, path: TreePath) -> TreePath:
        """The part of a path that is in the file, with a name behind it that is missing there."""
        _, taken = self._finder.find(path)
        mapping = isinstance(value_at(self.data, path[:taken]), dict)
        missing = [step for step in path[taken : taken + 1] if mapping and isinstance(step, str)]
        return (*path[:taken], *missing)

    def within(self, path: TreePath, line: int, column: int) -> Position:
        """The place in the file of a line and column, both from 1, inside the text at this path.

        The start of the text where it is folded or escaped before that place; `locate(path)` where there is no text.
        """
        number, taken = self._finder.find(path)
        text = value_at(self.data, path)
        if taken < len(path) or not isinstance(text, str):
            return self.locate(path)
        return self._source.position(index_within(self._source, self._places.value(number), text, line, column))


def parse(raw: bytes, file: str, parser: type[Parser] = FASTEST) -> Tree:
    """Raises PolicyError for bytes that are not UTF-8 or not YAML; lesser faults are listed in the tree."""
    if len(raw) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES:,} bytes"
        raise PolicyError([Problem(file, *START, message, "remove what is not policy")])
    source = Source.decode(raw, file)
    composed = compose(source, parser)
    return Tree(composed.data, composed.problems.told(), source, composed.places, Finder(composed.data, composed.places))


def value_at(data: object, path: TreePath) -> object:
    """The value at this path; None where there is none."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        else:
            data = data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None
    return data
