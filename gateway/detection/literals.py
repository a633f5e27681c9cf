"""Finds many literal texts at once: every value that was found in an exchange, every surrogate that was put into one.

An alternation of a thousand texts would be tried at every position. Here one pattern finds the positions where a text may
begin, and a radix tree follows the text from there: a position costs no more than what of it some literal begins with,
however many literals begin so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_NOWHERE = re.compile(r"(?!)")


@dataclass(slots=True)
class _Node:
    """A place in the radix tree; `branches` has, by its first character, what comes next and where that leads."""

    is_end: bool = False
    branches: dict[str, tuple[str, _Node]] = field(default_factory=dict, repr=False)

    def add(self, text: str) -> None:
        """Put a text into the tree that has its root here; linear in the text."""
        node, at = self, 0
        while at < len(text):
            node, at = node._step(text, at)
        node.is_end = True

    def _step(self, text: str, at: int) -> tuple[_Node, int]:
        """The next node on the way, made where there is none, and how far into the text it lies."""
        label, below = self.branches.setdefault(text[at], (text[at:], _Node()))
        shared = _shared(label, text, at)
        if shared < len(label):
            below = _Node(branches={label[shared]: (label[shared:], below)})
            self.branches[text[at]] = label[:shared], below
        return below, at + shared


class Literals:
    """Matches the longest text at each place, never inside a longer Latin word or number; Chinese has no word boundaries."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._root = _Node()
        for text in texts:
            if text:
                self._root.add(text)
        first = "".join(re.escape(char) for char in sorted(self._root.branches))
        self._starts = re.compile(f"(?:(?<![A-Za-z0-9])|(?![A-Za-z0-9]))[{first}]") if first else _NOWHERE

    def find(self, text: str, at: int = 0) -> Iterator[tuple[int, int]]:
        """Spans from left to right, without overlap; `at` is where to begin, with what lies before it as context."""
        while start := self._starts.search(text, at):
            end = self._end(text, start.start())
            if end is not None:
                yield start.start(), end
            at = end or start.end()

    def _end(self, text: str, start: int) -> int | None:
        node, at, end = self._root, start, None
        while (branch := node.branches.get(text[at : at + 1])) and text.startswith(branch[0], at):
            at, node = at + len(branch[0]), branch[1]
            if node.is_end and is_edge(text, at):
                end = at
        return end


def _shared(label: str, text: str, at: int) -> int:
    """How many characters the label has in common with what lies at this place."""
    if text.startswith(label, at):
        return len(label)
    return next(n for n, char in enumerate(label) if text[at + n : at + n + 1] != char)


def is_edge(text: str, at: int) -> bool:
    """Whether no Latin word or number runs on from the character before this place to the one after it."""
    pair = text[max(at - 1, 0) : at + 1]
    return not (len(pair) == 2 and pair.isascii() and pair.isalnum())
