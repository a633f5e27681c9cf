"""Finds many literal texts at once: every value that was found in an exchange, every surrogate that was put into one.

An alternation of a thousand texts would be tried at every position. Here one pattern finds the positions where a text may
begin, and two look-ups decide: by its first characters, then by the lengths of the texts that begin so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

_HEAD = 3
_NOWHERE = re.compile(r"(?!)")


class Literals:
    """Matches the longest text at each place, never inside a longer Latin word or number; Chinese has no word boundaries."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = frozenset(text for text in texts if text)
        lengths: dict[str, set[int]] = defaultdict(set)
        for text in self._texts:
            lengths[text[:_HEAD]].add(len(text))
        self._lengths = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}
        self._heads = sorted({len(head) for head in self._lengths}, reverse=True)
        first = "".join(re.escape(char) for char in sorted({text[0] for text in self._texts}))
        self._starts = re.compile(f"(?:(?<![A-Za-z0-9])|(?![A-Za-z0-9]))[{first}]") if first else _NOWHERE

    def find(self, text: str, at: int = 0) -> Iterator[tuple[int, int]]:
        """Spans from left to right, without overlap; `at` is where to begin, with what lies before it as context."""
        while start := self._starts.search(text, at):
            end = self._end(text, start.start())
            if end is not None:
                yield start.start(), end
            at = end or start.end()

    def _end(self, text: str, start: int) -> int | None:
        for head in self._heads:
            for length in self._lengths.get(text[start : start + head], ()):
                end = start + length
                if end <= len(text) and text[start:end] in self._texts and _is_edge(text, end):
                    return end
        return None


def _is_edge(text: str, at: int) -> bool:
    """Whether no Latin word or number runs on here."""
    return at == len(text) or not (_is_latin(text[at - 1]) and _is_latin(text[at]))


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
