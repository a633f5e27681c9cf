"""The written pairs: paraphrases, whose answers are the same, and near misses, whose answers are not.

A line of `*_same.txt` is a question and others that ask the same; a line of `*_near.txt` is a kind, a question, and others that
ask something else. Each is paired with the line's first question. Half of the lines, by their hash, are held out: the threshold
of plain cosine is chosen on the other half. Whoever wrote the gates has seen both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "zh")
_HERE = Path(__file__).parent / "pairs"


@dataclass(frozen=True, slots=True)
class Pair:
    language: str
    kind: str
    first: str
    second: str
    same: bool
    held_out: bool


def pairs() -> Iterator[Pair]:
    for language in LANGUAGES:
        for line in _lines(language, "same"):
            first, *others = line
            yield from (Pair(language, "same", first, other, True, _held_out(first)) for other in others)
        for line in _lines(language, "near"):
            kind, first, *others = line
            yield from (Pair(language, kind, first, other, False, _held_out(first)) for other in others)


def _lines(language: str, what: str) -> Iterator[list[str]]:
    for line in (_HERE / f"{language}_{what}.txt").read_text(encoding="utf-8").splitlines():
        yield [part.strip() for part in line.split(" | ")]


def _held_out(first: str) -> bool:
    return hashlib.sha256(first.encode()).digest()[0] % 2 == 1
