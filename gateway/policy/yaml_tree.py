"""YAML as plain data plus the place of every value in the file.

Safe by construction: only mappings, lists and plain scalars; no tags, anchors or aliases (a few lines of them can grow
to gigabytes), no duplicate keys (YAML would silently keep the last one), bounded in size and depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from gateway.policy.problems import PolicyError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

TreePath: TypeAlias = tuple[str | int, ...]
Position: TypeAlias = tuple[int, int]

_START: Position = (1, 1)
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))
_TEXT_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "timestamp", "merge", "value"))


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed file. `keys` and `values` give line and column, from 1, by path; `problems` were found on the way."""

    data: object = field(repr=False)
    keys: Mapping[TreePath, Position] = field(repr=False)
    values: Mapping[TreePath, Position] = field(repr=False)
    problems: tuple[Problem, ...] = ()

    def locate(self, path: TreePath, *, on_key: bool = False) -> Position:
        """The place of the value (or its key) at this path, or of the nearest part around it that exists."""
        if on_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, _START)


def parse(raw: bytes, file: str) -> Tree:
    """Raises PolicyError for bytes that are not UTF-8 or not YAML; lesser faults are listed in the tree."""
    if len(raw) > MAX_BYTES:
        raise _refusal(file, _START, f"the file is larger than {MAX_BYTES:,} bytes", "remove what is not policy")
    builder = _Builder(file)
    builder.root(_compose(_decode(raw, file), file))
    return Tree(builder.data, builder.keys, builder.values, tuple(builder.problems))


def value_at(data: object, path: TreePath) -> object:
    """The value at this path; None where there is none."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        else:
            data = data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None
    return data


def _decode(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_start = raw.rfind(b"\n", 0, error.start) + 1
        position = (raw.count(b"\n", 0, error.start) + 1, error.start - line_start + 1)
    raise _refusal(file, position, "not UTF-8 text", "save the file in the UTF-8 encoding")


def _compose(text: str, file: str) -> yaml.Node:
    try:
        loader = _Loader(text, file)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        position = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _refusal(file, position, "a control character", "remove it") from None
    except yaml.MarkedYAMLError as error:
        raise _syntax_refusal(error, file) from None
    if node is None:
        raise _refusal(file, _START, "the file is empty", "start with 'version: 1'")
    return node


def _syntax_refusal(error: yaml.MarkedYAMLError, file: str) -> PolicyError:
    mark = error.problem_mark or error.context_mark
    # What YAML quotes may be a piece of a pasted key; one character is enough to find the place.
    what = re.sub(r"(['\"])[^'\"]{3,}\1", "a word", error.problem or "cannot be read")
    fix = "check indentation, quotes and colons here and on the line before"
    if "'\\t'" in what:
        fix = "indent with spaces; YAML allows no tabs there"
    return _refusal(file, (mark.line + 1, mark.column + 1) if mark else _START, f"not valid YAML: {what}", fix)


def _refusal(file: str, position: Position, message: str, fix: str) -> PolicyError:
    return PolicyError([Problem(file, *position, message, fix)])


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses anchors, aliases and depth while composing, before anything can grow or recurse."""

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self._file = file
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            raise self._refusal(event, "anchors and aliases are not allowed", "write the value out where it is used")
        if self._depth >= MAX_DEPTH:
            raise self._refusal(
                event, f"nested deeper than {MAX_DEPTH} levels", "check the brackets: a policy is never that deep"
            )
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refusal(self, event: yaml.Event, message: str, fix: str) -> PolicyError:
        mark = event.start_mark
        return _refusal(self._file, (mark.line + 1, mark.column + 1) if mark else _START, message, fix)


class _Builder:
    """Turns nodes into data and remembers where each came from."""

    def __init__(self, file: str) -> None:
        self.data: object = None
        self.keys: dict[TreePath, Position] = {}
        self.values: dict[TreePath, Position] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._scalars = yaml.constructor.SafeConstructor()

    def root(self, node: yaml.Node) -> None:
        self.data = self._build(node, ())
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, "the file is not a mapping", "start with 'version: 1' and put 'name: value' below")

    def _build(self, node: yaml.Node, path: TreePath) -> object:
        self.values[path] = _position(node)
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return {key: self._build(value, (*path, key)) for key, value in self._entries(node, path)}
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self._build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _entries(self, node: yaml.MappingNode, path: TreePath) -> Iterator[tuple[str, yaml.Node]]:
        for key_node, value in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag not in _TEXT_TAGS:
                self._fault(key_node, "a name that YAML does not read as text", "put it in quotes")
                continue
            key_path = (*path, str(key_node.value))
            if key_path in self.keys:
                self._fault(key_node, f"the same name as on line {self.keys[key_path][0]}", "keep one of the two")
                continue
            self.keys[key_path] = _position(key_node)
            yield str(key_node.value), value

    def _scalar(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.ScalarNode):
            if node.tag in _TEXT_TAGS:
                return str(node.value)
            if node.tag in _PLAIN_TAGS:
                return self._plain(node)
        self._fault(node, "a YAML tag", "remove the word that starts with '!'")
        return None

    def _plain(self, node: yaml.ScalarNode) -> object:
        try:
            return self._scalars.construct_object(node)
        except (ValueError, KeyError, yaml.YAMLError):
            self._fault(node, "a number that cannot be read", "write it in plain digits, or in quotes if it is text")
            return None

    def _fault(self, node: yaml.Node, message: str, fix: str) -> None:
        self.problems.append(Problem(self._file, *_position(node), message, fix))


def _position(node: yaml.Node) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1
