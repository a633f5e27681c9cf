"""How many of the names the taggers know from a list: a name that is listed is easier to find than one that is not.

Imported when it is asked for: the lists lie with the taggers' weights. A word that is in no list is taken for one about once in
two thousand times.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gateway.assurance.fairness.intervals import Rate
from gateway.assurance.fairness.names import Cohort
from gateway.detection.taggers.han.reader import plain_key
from gateway.detection.taggers.latin.reader import word_keys
from gateway.detection.taggers.lexicon import Lexicon
from gateway.detection.taggers.small import WEIGHTS

_LATIN_NAMES = 1 | 2
"""Bits of a class: a given name, a family name."""
_HAN_PERSON = 2
_SHORTEST_HAN = 2
"""Characters of a listed word."""


class Lists:
    """The lists of the default taggers."""

    def __init__(self) -> None:
        self._latin, self._han = (_lexicon(name) for name in ("latin", "han"))

    def known(self, cohort: Cohort) -> Rate:
        """How many of the words that its names are made of."""
        least = 1 if cohort.script == "latin" else _SHORTEST_HAN
        words = sorted({word for word in cohort.parts if len(word) >= least})
        hits = self._known_latin(words) if cohort.script == "latin" else self._known_han(words)
        return Rate(hits, len(words))

    def _known_latin(self, words: Iterable[str]) -> int:
        classes = self._latin.classes(word_keys([word.lower() for word in words]))
        return int(np.count_nonzero(classes & _LATIN_NAMES))

    def _known_han(self, words: Iterable[str]) -> int:
        return sum(self._han.class_of(plain_key(word)) == _HAN_PERSON for word in words)


def _lexicon(name: str) -> Lexicon:
    with np.load(WEIGHTS / f"{name}.npz", allow_pickle=False) as parts:
        return Lexicon(parts["lexicon"])
