"""Scores as chances after learning without noise."""

from __future__ import annotations

import random
from math import log

import numpy as np
import pytest

from gateway.sensitivity.calibration import calibrated, fitted_and_calibrated
from gateway.sensitivity.fit import fitted, lessons
from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.verdict import scores
from gateway.sensitivity.weights import STARTER, Weights, read_weights

START = read_weights(STARTER)
_CHANCE = 0.9


def drawn(count: int, seed: int) -> list[tuple[str, frozenset[str]]]:
    """Of what names the project nine in ten are secrets, and nothing else tells which."""
    chance = random.Random(seed)
    words = "plan report milestones budget call summary draft agenda invoice office".split()
    made = []
    for number in range(count):
        said = " ".join(chance.choices(words, k=4))
        project = number % 2 == 0
        secret = project and chance.random() < _CHANCE
        made.append((f"{'zyklotron' if project else 'garden'} {said}", frozenset({"trade_secret"} if secret else ())))
    return made


def test_scores_are_chances_among_texts_that_were_not_seen() -> None:
    """Weights that are held back towards those before say too little of what they learnt; calibrated ones say how often."""
    texts, labels = zip(*drawn(90, 5), strict=True)
    unseen = [(text, bool(own)) for text, own in drawn(200, 6)]

    def told(weights: Weights) -> tuple[float, float]:
        found = [(min(max(scores(weights, text)["trade_secret"], 0.01), 0.99), right) for text, right in unseen]
        loss = -sum(log(score if right else 1 - score) for score, right in found) / len(found)
        return loss, sum(score for score, _ in found) / len(found)

    loss, mean = told(fitted_and_calibrated(texts, labels, START))
    fitted_loss, _ = told(fitted(lessons(texts, labels), penalty=1e-3, start=START))
    assert loss < fitted_loss - 0.01
    assert mean == pytest.approx(sum(right for _, right in unseen) / len(unseen), abs=0.06)


def test_whoever_teaches_one_label_does_not_switch_off_the_others() -> None:
    texts, labels = zip(*drawn(90, 5), strict=True)
    ill = "My doctor says the biopsy shows a tumour, and chemotherapy starts on Monday."
    assert scores(fitted_and_calibrated(texts, labels, START), ill)["health"] > 0.8


@pytest.mark.parametrize("right", [0, 9, 91, 100])
def test_a_label_that_few_examples_have_or_lack_stays_as_it_was_fitted(right: int) -> None:
    odds = np.linspace(-3, 3, 100)[:, None].repeat(len(LABELS), axis=1)
    answers = np.where(np.arange(100) < right, 1.0, 0.0)[:, None].repeat(len(LABELS), axis=1)
    weights = calibrated(START, odds, answers)
    assert np.array_equal(weights.table, START.table)
    assert np.array_equal(weights.bias, START.bias)


@pytest.mark.parametrize("turn", [0, 1])
def test_scores_that_tell_nothing_of_the_examples_stay_as_they_were_fitted(turn: int) -> None:
    """Equal for all, or the wrong way round."""
    odds = (turn * np.linspace(-3, 3, 100))[:, None].repeat(len(LABELS), axis=1)
    answers = np.where(np.arange(100) < 50, 1.0, 0.0)[:, None].repeat(len(LABELS), axis=1)
    assert np.array_equal(calibrated(START, odds, answers).table, START.table)


def test_of_a_few_examples_scores_are_as_they_were_fitted() -> None:
    weights = fitted_and_calibrated(["zyklotron"], [frozenset({"hr"})], START)
    assert scores(weights, "zyklotron")["hr"] > scores(START, "zyklotron")["hr"]
