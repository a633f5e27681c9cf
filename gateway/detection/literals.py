"""Finds many literal texts at once: every value that was found in an exchange, every surrogate that was put into one.

An alternation of a thousand texts would be tried at every position, and would have to be compiled for each request. Here texts
are known by their first token, a Latin word or number or else one character: a match begins where such a token stands, and
almost no token of a text is one of these. From there a text is compared, or followed in a radix tree where many begin alike: a
position costs no more than what of it some literal begins with, however many literals begin so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

_TOKEN = re.compile("[A-Za-z0-9]+|[^A-Za-z0-9]")
_TOKEN_BUT_SPACE = re.compile("[A-Za-z0-9]+|[^A-Za-z0-9 ]")
_FEW_TEXTS = 8
_FEW_TOKENS = 8
_FEW_LITERALS = 256
_LONG = 1_000
"""Characters of a text from which on it is quicker to look for few literals one by one than to cut the text into tokens."""


@dataclass(slots=True)
class _Node:
    """A place in the radix tree; `branches` has, by its first character, what comes next and where that leads."""

    is_end: bool = False
    branches: dict[str, tuple[str, _Node]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Node:
        root = cls()
        for text in texts:
            root.add(text)
        return root

    def add(self, text: str) -> None:
        """Put a text into the tree that has its root here; linear in the text."""
        node, at = self, 0
        while at < len(text):
            node, at = node._step(text, at)
        node.is_end = True

    def longest(self, text: str, start: int) -> int | None:
        """Where the longest text of the tree ends that stands here, and does not run on; None where none does."""
        node, at, end = self, start, None
        while (branch := node.branches.get(text[at : at + 1])) and text.startswith(branch[0], at):
            at, node = at + len(branch[0]), branch[1]
            if node.is_end and is_edge(text, at):
                end = at
        return end

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
        self._beginning: dict[str, list[str]] = {}
        self._number = 0
        for text in texts:
            if first := _TOKEN.match(text):
                self._beginning.setdefault(first.group(), []).append(text)
                self._number += 1
        for alike in self._beginning.values():
            alike.sort(key=len, reverse=True)
        self._token = _TOKEN if " " in self._beginning else _TOKEN_BUT_SPACE
        self._trees: dict[str, _Node] = {}

    def find(self, text: str, at: int = 0) -> Iterator[tuple[int, int]]:
        """Spans from left to right, without overlap; `at` is where to begin, with what lies before it as context."""
        spans = self._outright(text) if len(text) > _LONG and self._number <= _FEW_LITERALS else None
        if spans is not None:
            yield from _without_overlap(spans, at)
            return
        for start, token in self._starts(text):
            if start >= at and (end := self._end(text, start, token)) is not None:
                yield start, end
                at = end

    def _outright(self, text: str) -> list[tuple[int, int]] | None:
        """Every place of every literal, from left to right, the longest first. None where they, and places within longer words,
        are too many: literals that begin alike, in a text that repeats them, are followed in the tree.
        """
        met = (
            (at, at + len(one)) for token, alike in self._beginning.items() for one in alike for at in _met(text, one, token)
        )
        few = list(islice(met, len(text) // 4))
        if len(few) == len(text) // 4:
            return None
        return sorted((span for span in few if _stands(text, *span)), key=_longest_first)

    def _starts(self, text: str) -> Iterable[tuple[int, str]]:
        """Where a text may begin, and with which token, from left to right."""
        here = self._beginning.keys() & self._token.findall(text) if self._beginning else ()
        if len(here) > _FEW_TOKENS:
            tokens = ((one.start(), one.group()) for one in self._token.finditer(text))
            return (one for one in tokens if one[1] in here)
        return sorted((at, token) for token in here for at in _met(text, token, token) if _stands(text, at, at + len(token)))

    def _end(self, text: str, start: int, token: str) -> int | None:
        alike = self._beginning[token]
        if len(alike) > _FEW_TEXTS:
            return self._tree(token).longest(text, start)
        for one in alike:  # the longest first
            if text.startswith(one, start) and is_edge(text, start + len(one)):
                return start + len(one)
        return None

    def _tree(self, token: str) -> _Node:
        found = self._trees.get(token)
        if found is None:
            found = self._trees[token] = _Node.of(self._beginning[token])
        return found


def _without_overlap(spans: Iterable[tuple[int, int]], at: int) -> Iterator[tuple[int, int]]:
    for start, end in spans:
        if start >= at:
            yield start, end
            at = end


def _longest_first(span: tuple[int, int]) -> tuple[int, int]:
    return span[0], -span[1]


def _met(text: str, literal: str, first: str) -> Iterator[int]:
    """Where a literal begins, also within longer words. The next place cannot lie within its first token."""
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + len(first))


def _stands(text: str, start: int, end: int) -> bool:
    return is_edge(text, start) and is_edge(text, end)


def _shared(label: str, text: str, at: int) -> int:
    """How many characters the label has in common with what lies at this place."""
    if text.startswith(label, at):
        return len(label)
    return next(n for n, char in enumerate(label) if text[at + n : at + n + 1] != char)


def is_edge(text: str, at: int) -> bool:
    """Whether no Latin word or number runs on from the character before this place to the one after it."""
    pair = text[max(at - 1, 0) : at + 1]
    return not (len(pair) == 2 and pair.isascii() and pair.isalnum())
