"""Writes docs/coverage.md. `make docs-coverage`; takes the loading of the recognizers and a few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from bench.coverage.disguises import VALUES, disguises, outcome, split_outcome
from bench.coverage.numbers import kinds, sentences
from bench.coverage.page import page
from bench.coverage.types import type_rows
from bench.detection.samples import SHIPPED, read
from bench.texts import Language
from gateway.detection.detect import PresidioDetector
from gateway.detection.evaluation import Gold, Row, Scores, label_of, labelled, score
from gateway.detection.recognizers.registry import pattern_recognizers

PAGE = Path("docs/coverage.md")
_LANGUAGES: tuple[Language, ...] = ("en", "zh")


def main() -> None:
    """Measure and write."""
    patterns = pattern_recognizers()
    rows, by_form = type_rows(patterns), PresidioDetector(patterns)
    sample = _sample(PresidioDetector())
    named, bare = (_generated(by_form, named=named) for named in (True, False))
    recall = {row.entity: [_pair(part.get(label_of(row.entity))) for part in (sample, named, bare)] for row in rows}
    PAGE.write_text(page(rows, recall, _disguised(by_form), list(VALUES)), encoding="utf-8")
    print(f"{PAGE} is written")


_Recall = dict[str, dict[Language, Row]]
"""Rows by label and language."""


def _sample(detector: PresidioDetector) -> _Recall:
    """Of the shipped sample."""
    found: _Recall = {}
    for sample in (read(path, None) for path in SHIPPED):
        _put(found, sample.language, _scores(detector, sample.golds))
    return found


def _generated(detector: PresidioDetector, *, named: bool) -> _Recall:
    """Of generated numbers."""
    found: _Recall = {}
    for language in _LANGUAGES:
        golds = [gold for kind in kinds() for gold in sentences(kind, language, named=named)]
        _put(found, language, _scores(detector, golds))
    return found


def _scores(detector: PresidioDetector, golds: Iterable[Gold]) -> Scores:
    texts = list(golds)
    return score(texts, [labelled(detector.analyze(gold.text)) for gold in texts])


def _put(found: _Recall, language: Language, scores: Scores) -> None:
    for label, row in scores.rows.items():
        found.setdefault(label, {})[language] = row


def _pair(rows: dict[Language, Row] | None) -> str:
    """`1.00 (12) / –`"""
    cells = (None if rows is None else rows.get(language) for language in _LANGUAGES)
    return " / ".join("–" if row is None else f"{row.recall:.2f} ({row.n})" for row in cells)


def _disguised(detector: PresidioDetector) -> dict[str, list[str]]:
    def cells(of: Callable[[str], str]) -> list[str]:
        return [of(name) for name in VALUES]

    found = {name: cells(lambda value, made=made: outcome(detector, value, made)) for name, made in disguises().items()}  # type: ignore[misc]
    found["split over two parts of a message"] = cells(lambda value: split_outcome(detector, value, messages=False))
    found["split over two messages"] = cells(lambda value: split_outcome(detector, value, messages=True))
    return found


if __name__ == "__main__":
    main()
