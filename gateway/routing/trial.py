"""Two models on the same questions: who met what was expected, and by how much they differ. Pure.

Differences are paired and nothing is assumed of how they are distributed: an exact sign test (Dixon and Mood, JASA 41, 1946),
and for the median the interval between order statistics that belongs to it (Conover, Practical Nonparametric Statistics, 3.2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb

from gateway.routing.likeness import overlap

CONFIDENCE = 0.95
_REFUSES = re.compile(
    r"\s*(?:i(?:['’]m| am) (?:sorry|unable|not able)|(?:sorry|unfortunately),? (?:but )?i (?:can(?:no|['’])t|am)"
    r"|i can(?:no|['’])t|i won['’]t|as an ai|对不起|抱歉|很抱歉|我(?:不能|无法|没有办法)|作为(?:一个|一名)?(?:人工智能|AI))",
    re.IGNORECASE,
)
"""How models begin that do not want to. One that refuses in other words is not recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question and what is expected of its answer. `contains` and `excludes` are looked for in any case."""

    id: str
    messages: tuple[dict[str, str], ...] = field(repr=False)
    contains: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    refuse: bool | None = None
    reference: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back. `denied`: policy said no. `error` is the code of what went wrong otherwise; milliseconds."""

    text: str = field(default="", repr=False)
    denied: bool = False
    error: str | None = None
    whole_ms: float = 0.0
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One answer held against its case. `overlap` with the reference, in 0..1; None without one. `error` is its code."""

    passed: bool
    refused: bool
    error: str | None
    overlap: float | None
    whole_ms: float
    output_tokens: int | None

    @property
    def failed(self) -> bool:
        return self.error is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Of the second from the first, over `pairs`: the median and its interval, and how likely so one-sided a split is by chance
    where neither is better (two-sided).
    """

    pairs: int
    median: float
    low: float
    high: float
    chance: float


def judged(case: Case, answered: Answered) -> Judged:
    refused = answered.denied or bool(_REFUSES.match(answered.text))
    text = answered.text.casefold()
    met = (
        answered.error is None
        and (case.refuse is None or case.refuse == refused)
        and all(word.casefold() in text for word in case.contains)
        and not any(word.casefold() in text for word in case.excludes)
    )
    return Judged(
        passed=met,
        refused=refused,
        error=answered.error,
        overlap=None if case.reference is None else overlap(case.reference, answered.text),
        whole_ms=answered.whole_ms,
        output_tokens=answered.output_tokens,
    )


def sign_test(better: int, worse: int) -> float:
    """The chance of a split at least so one-sided, two-sided, if either side were as likely; ties say nothing."""
    pairs, fewer = better + worse, min(better, worse)
    return min(1.0, 2 * sum(comb(pairs, k) for k in range(fewer + 1)) / 2**pairs) if pairs else 1.0


def difference(first: Sequence[float | None], second: Sequence[float | None]) -> Difference | None:
    """Of pairs where both have a figure; None where there is none."""
    apart = sorted(b - a for a, b in zip(first, second, strict=True) if a is not None and b is not None)
    if not apart:
        return None
    middle = (apart[(len(apart) - 1) // 2] + apart[len(apart) // 2]) / 2
    at = _rank(len(apart))
    chance = sign_test(sum(one > 0 for one in apart), sum(one < 0 for one in apart))
    return Difference(pairs=len(apart), median=middle, low=apart[at], high=apart[len(apart) - 1 - at], chance=chance)


def _rank(pairs: int) -> int:
    """The order statistic that the interval begins with, from 0; with fewer than six pairs the whole range is all there is."""
    tail, at = 0.0, 0
    while at < pairs // 2:
        tail += comb(pairs, at) / 2**pairs
        if 2 * tail > 1 - CONFIDENCE:
            break
        at += 1
    return max(0, at - 1)
