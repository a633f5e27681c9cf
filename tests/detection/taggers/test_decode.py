"""The decoder gives the best legal sequence of tags, and the spans that it means."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gateway.detection.taggers.decode import Decoder

LABELS = ("A", "B")
TAGS = 4 * len(LABELS) + 1


def is_legal(tags: Sequence[int]) -> bool:
    """Behind B and I must stand I or E of the same label, and these nowhere else. The text's edges count as O."""
    path = [(None, 0) if tag == 0 else ((tag - 1) // 4, (tag - 1) % 4 + 1) for tag in (0, *tags, 0)]
    return all(
        (kind in (1, 2)) == (after in (2, 3)) and (after not in (2, 3) or label == same)
        for (label, kind), (same, after) in pairwise(path)
    )


@given(arrays(np.float32, st.tuples(st.integers(1, 4), st.just(TAGS)), elements=st.floats(-3, 3, width=32)))
@settings(max_examples=60, deadline=None)
def test_no_legal_sequence_scores_higher(scores: np.ndarray) -> None:
    chosen = Decoder(LABELS).tags(scores)
    assert is_legal(chosen)

    def total(path: Sequence[int]) -> float:
        return float(sum(scores[at, tag] for at, tag in enumerate(path)))

    best = max(total(path) for path in product(range(TAGS), repeat=len(scores)) if is_legal(path))
    assert total(chosen) == pytest.approx(best, abs=1e-4)


@given(st.lists(st.sampled_from(range(TAGS)), min_size=1, max_size=30), st.randoms())
@settings(deadline=None)
def test_what_a_network_is_sure_of_is_kept_when_it_is_legal(tags: list[int], chance: object) -> None:
    scores = np.full((len(tags), TAGS), -20, np.float32)
    scores[np.arange(len(tags)), tags] = 20
    chosen = Decoder(LABELS).tags(scores.copy())
    assert is_legal(chosen)
    if is_legal(tags):
        assert list(chosen) == tags


def test_spans_carry_label_edges_and_certainty() -> None:
    tags = [0, 4, 1, 2, 3, 0, 5, 7]
    scores = np.zeros((len(tags), TAGS), np.float32)
    scores[np.arange(len(tags)), tags] = 9
    spans = Decoder(LABELS).spans(scores)
    assert [(s.first, s.last, s.label) for s in spans] == [(1, 1, "A"), (2, 4, "A"), (6, 7, "B")]
    assert all(0.9 < s.score <= 1 for s in spans)


def test_a_name_is_as_certain_in_a_long_text() -> None:
    scores = np.zeros((1, TAGS), np.float32)
    scores[0, [0, 4]] = 1, 3
    (alone,), among = Decoder(LABELS).spans(scores), Decoder(LABELS).spans(np.repeat(scores, 40, axis=0))
    assert len(among) == 40
    assert alone.score == pytest.approx(1 - np.exp(1) / np.exp(scores).sum(), abs=1e-6)
    assert [span.score for span in among] == pytest.approx([alone.score] * 40, abs=1e-6)


def test_a_text_without_names_has_no_spans() -> None:
    scores = np.zeros((5, TAGS), np.float32)
    scores[:, 0] = 9
    assert Decoder(LABELS).spans(scores) == []
