"""The texts of a run: labelled files, and pieces of them of an exact size. Pure but for reading the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from bench.texts import Language as Language
from gateway.cli.detect.input import golds
from gateway.detection.evaluation import Gold

SHIPPED = (Path("bench/gold/en.jsonl"), Path("bench/gold/zh.jsonl"))
SIZES = {50: 40, 200: 20, 1_000: 8, 4_000: 4}
"""Code points of a piece, and how many pieces are measured."""

_HAN_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """A labelled file."""

    name: str
    language: Language
    golds: Sequence[Gold]

    @property
    def texts(self) -> list[str]:
        return [gold.text for gold in self.golds]


def read(path: Path, limit: int | None) -> Sample:
    """The first `limit` texts of a file. Raises InputError."""
    lines = golds(path)[:limit]
    return Sample(path.name, language_of(gold.text for gold in lines) if lines else "en", lines)


def language_of(texts: Iterable[str]) -> Language:
    """Chinese where at least a fifth of the characters are Han."""
    whole = "".join(texts)
    return "zh" if sum("\u4e00" <= c <= "\u9fff" for c in whole) > _HAN_SHARE * len(whole) else "en"


def cuts(texts: Sequence[str], size: int, count: int) -> list[str]:
    """`count` pieces of exactly `size` code points, out of the texts one after the other, from the first again at the end."""
    glued, length = [], 0
    for text in cycle(texts):
        glued.append(text + "\n")
        length += len(text) + 1
        if length >= size * count:
            break
    whole = "".join(glued)
    return [whole[at : at + size] for at in range(0, size * count, size)]
