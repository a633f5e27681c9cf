"""What a classifier is worth: precision and recall of each label, with intervals, and how much text it reads in a second."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.verdict import scores
from gateway.sensitivity.weights import Weights
from training.sensitivity.templates import LANGUAGES, Labelled

THRESHOLDS = (0.3, 0.5, 0.8)
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with the interval of Wilson (JASA 22, 1927) at 95 %."""

    hits: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "-"
        share, z2 = self.hits / self.of, _Z * _Z / self.of
        middle, half = share + z2 / 2, _Z * sqrt(share * (1 - share) / self.of + z2 / 4 / self.of)
        return f"{share:.2f} ({max(0.0, (middle - half) / (1 + z2)):.2f}-{min(1.0, (middle + half) / (1 + z2)):.2f})"


def table(weights: Weights, texts: Sequence[Labelled]) -> Iterator[str]:
    """Rows of Markdown."""
    told = [(one, scores(weights, one.text)) for one in texts]
    heads = [f"{word} at {threshold}" for threshold in THRESHOLDS for word in ("precision", "recall")]
    yield f"| label | language | texts | {' | '.join(heads)} |"
    yield f"|:--|:--|{'--:|' * (1 + len(heads))}"
    for label in LABELS:
        for language in LANGUAGES:
            of = [(label.value in one.labels, said[label.value]) for one, said in told if one.language == language]
            cells = [str(share) for threshold in THRESHOLDS for share in _shares(of, threshold)]
            yield f"| {label} | {language} | {sum(about for about, _ in of)} | {' | '.join(cells)} |"
    plain = [said for one, said in told if not one.labels]
    for threshold in THRESHOLDS:
        wrong = Share(sum(max(said.values()) >= threshold for said in plain), len(plain))
        yield f"\nOf {len(plain)} texts about none, {wrong} get a score of {threshold} or more."


def milliseconds(weights: Weights, texts: Iterable[str]) -> float:
    """CPU time for 1,000 characters, of texts of some 1,000 characters."""
    told = [text * (1_000 // len(text) + 1) for text in texts]
    began = time.process_time()
    for text in told:
        scores(weights, text[:1_000])
    return (time.process_time() - began) * 1_000 / len(told)


def _shares(of: Sequence[tuple[bool, float]], threshold: float) -> tuple[Share, Share]:
    hits = sum(about and score >= threshold for about, score in of)
    return Share(hits, sum(score >= threshold for _, score in of)), Share(hits, sum(about for about, _ in of))
