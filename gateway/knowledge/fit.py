"""Which passages come first, and whether the first have to do with the question at all. Pure.

There is always a best passage, also where nothing fits. Two signs are looked at: how near the meanings are, and how much of
the question, by the weight of its words, stands in the passage. They are added to rank (Bruch, Gai and Ingber, An Analysis of
Fusion Functions for Hybrid Retrieval, ACM TOIS 42(1), 2023); to fit, one of them is enough. How near is near depends on whether
both texts are in the same script: cosines of multilingual-e5-small are high between Chinese texts, and low across languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_WIDE_PART = 0.2
"""Of a text from which on it counts as Chinese: such texts are short, and names and numbers stand in them in letters."""
_SHARE_COUNTS = 0.05
"""What a passage with all words of the question gains, in cosine."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`cosine` of the vectors; `share` of the question's weighted terms that the passage has: 0 to 1."""

    cosine: float
    share: float

    @property
    def score(self) -> float:
        return self.cosine + _SHARE_COUNTS * self.share


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least cosine of a passage that fits: both texts in letters, both in Chinese (or Japanese or Korean), one of each; or
    the least share.
    """

    narrow: float
    wide: float
    across: float
    share: float

    def admits(self, question: str, found: Iterable[tuple[str, Evidence]]) -> bool:
        """Whether any of these passages fits; those beside it may be of use too."""
        wide = _is_wide(question)
        return any(one.share >= self.share or one.cosine >= self._least(wide, _is_wide(passage)) for passage, one in found)

    def _least(self, question: bool, passage: bool) -> float:
        if question is not passage:
            return self.across
        return self.wide if question else self.narrow


MEASURED = Threshold(narrow=0.81, wide=0.868, across=0.775, share=0.6)
"""For multilingual-e5-small; docs/knowledge.md has the rates (`make bench-knowledge`)."""


def _is_wide(text: str) -> bool:
    return len(_WIDE.findall(text)) > _WIDE_PART * len(text)
