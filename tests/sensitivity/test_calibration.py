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


def test_a_label_that_no_example_has_is_not_ruled_out() -> None:
    odds = np.full((20, len(LABELS)), -2.0)
    weights = calibrated(START, odds, np.zeros(odds.shape))
    assert (weights.bias > -8).all()


def test_of_a_few_examples_scores_are_as_they_were_fitted() -> None:
    weights = fitted_and_calibrated(["zyklotron"], [frozenset({"hr"})], START)
    assert scores(weights, "zyklotron")["hr"] > scores(START, "zyklotron")["hr"]
