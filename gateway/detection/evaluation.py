"""Scores detections against labelled text. Pure: no files, no recognizers.

overlap  same label, and at least one character in common; each labelled and each found span counts once
strict   same label and exactly the same offsets
leak     share of labelled spans with a character that no found span of any label covers: what a redactor would let out
over     share of characters outside labelled and ignored spans that a found span covers: what a redactor would spoil

A found span that touches only ignored ones is neither right nor wrong. Labels that the labelled text never uses count for
leak and over alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from gateway.exchange import Finding

Range: TypeAlias = tuple[int, int]
"""Start and end, in code points."""

Span: TypeAlias = tuple[int, int, str]
"""Start, end and label."""

ALL = "ALL"
"""The row of all labels together."""

SHORT_NAMES = MappingProxyType(
    {
        "EMAIL_ADDRESS": "EMAIL",
        "PHONE_NUMBER": "PHONE",
        "CREDIT_CARD": "CARD",
        "CN_BANK_CARD": "CARD",
        "US_SSN": "SSN",
        "IBAN_CODE": "IBAN",
        "IP_ADDRESS": "IP",
        "QQ_ID": "QQ",
        "WECHAT_ID": "WECHAT",
    }
)
"""Labels that differ from the entity type; every other type is its own label."""


def label_of(entity: str) -> str:
    """The label of an entity type in labelled text."""
    return SHORT_NAMES.get(entity, entity)


def labelled(findings: Iterable[Finding]) -> list[Span]:
    """Findings as spans with labels."""
    return [(found.start, found.end, label_of(found.entity)) for found in findings]


@dataclass(frozen=True, slots=True)
class Gold:
    """A text, what should be found in it, and what may be found or not."""

    text: str = field(repr=False)
    spans: Sequence[Span]
    ignore: Sequence[Range] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One label's scores. `n` counts labelled spans; a score without anything to divide by is 0."""

    n: int
    precision: float
    recall: float
    f1: float
    f2: float
    strict_f1: float


@dataclass(frozen=True, slots=True)
class Scores:
    """A row for each label of the labelled text, in alphabetical order, and last the row `ALL`."""

    rows: Mapping[str, Row]
    leak: float
    over: float


@dataclass(slots=True)
class Tally:
    """Counts over texts; `add` them, then read `scores`."""

    _labelled: Counter[str] = field(default_factory=Counter)
    _reached: Counter[str] = field(default_factory=Counter)
    _exact: Counter[str] = field(default_factory=Counter)
    _found: Counter[str] = field(default_factory=Counter)
    _right: Counter[str] = field(default_factory=Counter)
    _leaked: int = 0
    _spoilt: int = 0
    _clean: int = 0

    def add(self, gold: Gold, found: Sequence[Span]) -> None:
        """Count what was found in one text; spans may overlap, and may end behind the text."""
        self._count_labelled(gold, found)
        self._count_found(gold, found)
        self._count_characters(gold, found)

    def scores(self) -> Scores:
        """The scores of everything added so far."""
        labels = sorted(self._labelled)
        rows = {label: self._row([label]) for label in labels} | {ALL: self._row(labels)}
        total = sum(self._labelled.values())
        return Scores(MappingProxyType(rows), _share(self._leaked, total), _share(self._spoilt, self._clean))

    def _count_labelled(self, gold: Gold, found: Sequence[Span]) -> None:
        exact = frozenset(found)
        for span in gold.spans:
            label = span[2]
            self._labelled[label] += 1
            self._reached[label] += any(label == other[2] and _touch(span[:2], other[:2]) for other in found)
            self._exact[label] += span in exact

    def _count_found(self, gold: Gold, found: Sequence[Span]) -> None:
        for span in found:
            hit = any(span[2] == other[2] and _touch(span[:2], other[:2]) for other in gold.spans)
            if hit or not any(_touch(span[:2], other) for other in gold.ignore):
                self._found[span[2]] += 1
                self._right[span[2]] += hit

    def _count_characters(self, gold: Gold, found: Sequence[Span]) -> None:
        size, wanted = len(gold.text), [span[:2] for span in gold.spans]
        covered, fine = _marks(size, (span[:2] for span in found)), _marks(size, [*wanted, *gold.ignore])
        self._leaked += sum(not all(covered[start:end]) for start, end, _ in gold.spans)
        self._spoilt += sum(c and not f for c, f in zip(covered, fine, strict=True))
        self._clean += len(fine) - sum(fine)

    def _row(self, labels: Sequence[str]) -> Row:
        n, found = (sum(counts[label] for label in labels) for counts in (self._labelled, self._found))
        reached, right, exact = (sum(c[label] for label in labels) for c in (self._reached, self._right, self._exact))
        precision, recall = _share(right, found), _share(reached, n)
        strict = _f(_share(exact, found), _share(exact, n))
        return Row(n, precision, recall, _f(precision, recall), _f(precision, recall, beta=2.0), strict)


def score(golds: Iterable[Gold], found: Iterable[Sequence[Span]]) -> Scores:
    """The scores of what was found in each text. Raises ValueError where there are not as many as texts."""
    tally = Tally()
    for gold, spans in zip(golds, found, strict=True):
        tally.add(gold, spans)
    return tally.scores()


def _touch(one: Range, other: Range) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _marks(size: int, ranges: Iterable[Range]) -> bytearray:
    marks = bytearray(size)
    for start, end in ranges:
        marks[start:end] = b"\1" * (min(end, size) - start)
    return marks


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _f(precision: float, recall: float, beta: float = 1.0) -> float:
    """Van Rijsbergen's F: recall counts `beta` times as much as precision."""
    weight = beta * beta
    return (1 + weight) * precision * recall / (weight * precision + recall) if precision + recall else 0.0
