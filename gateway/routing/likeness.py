"""How alike two answers are, in figures that hold nothing of either. Pure."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|\w+|[^\w\s]")
"""A Chinese character is a word here, and so is a sign."""


def length_ratio(one: str, other: str) -> float:
    """The shorter for the longer, in characters: 1 where both are as long."""
    longer = max(len(one), len(other))
    return round(min(len(one), len(other)) / longer, 4) if longer else 1.0


def overlap(one: str, other: str) -> float:
    """How many words they share, in 0..1: the F1 of words that SQuAD scores answers by (Rajpurkar et al., EMNLP 2016)."""
    here, there = Counter(_WORD.findall(one)), Counter(_WORD.findall(other))
    total = here.total() + there.total()
    return round(2 * (here & there).total() / total, 4) if total else 1.0
