"""Scores as chances: a slope and a shift for each label, by examples that the weights had not seen (Platt 1999).

Weights that were fitted to examples are too sure of just these. So each example is judged by weights that were fitted to the
others (cross-fitting), and by these scores the weights that were fitted to all are calibrated. Then 0.8 is right in about four
of five texts like the examples, and the threshold of a rule goes on to mean a chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from gateway.sensitivity.fit import Answers, fitted, keys_of, lessons
from gateway.sensitivity.verdict import log_odds
from gateway.sensitivity.weights import Weights

_PENALTY = 1e-3
"""How far examples may lead away from the weights before: a few hundred outweigh the generated texts on their own words."""
_PARTS = 3
_ROUNDS = 150
"""Of the weights that only calibrate."""
_FEWEST = 10
"""Examples that a label has, and others that it has not, before they say what its scores mean."""
_FLATTEST = 0.2
"""With a slope below it hardly a text would be judged any more, whatever the weights before knew of the label."""
_TRUST = 1e-6
"""Added to the curvature: where all scores are equal there is no slope to find."""

Texts = Sequence[str]
Labels = Sequence[frozenset[str]]


def fitted_and_calibrated(texts: Texts, labels: Labels, start: Weights) -> Weights:
    """Weights that go on from `start` and answer as these examples do. Of fewer examples than parts, uncalibrated."""
    rows = lessons(texts, labels)
    weights = fitted(rows, penalty=_PENALTY, start=start)
    if len(texts) < 2 * _PARTS:
        return weights
    return calibrated(weights, _unseen(texts, labels, start), rows.answers)


def calibrated(weights: Weights, odds: Answers, answers: Answers) -> Weights:
    """`odds` are what such weights say of texts that they had not seen, and `answers` what is right, label by label."""
    found = np.array([_line(odds[:, at], answers[:, at]) for at in range(odds.shape[1])])
    slope, shift = found[:, 0], found[:, 1]
    return Weights((weights.table * slope).astype(np.float32), (weights.bias * slope + shift).astype(np.float32))


def _unseen(texts: Texts, labels: Labels, start: Weights) -> Answers:
    """Of each example the log-odds by weights that were fitted to the others. Equal texts are in one part."""
    known = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    parts = np.array([known[text] % _PARTS for text in texts])
    odds = np.zeros((len(texts), len(start.bias)))
    for part in np.unique(parts):
        others = (parts != part).tolist()
        weights = start
        if any(others):
            taught = lessons(list(compress(texts, others)), list(compress(labels, others)))
            weights = fitted(taught, penalty=_PENALTY, start=start, rounds=_ROUNDS)
        for at in np.flatnonzero(parts == part).tolist():
            odds[at] = log_odds(weights, keys_of(texts[at]))
    return odds


def _line(odds: NDArray[np.float64], answers: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and shift by Newton's method, with Platt's targets. Where examples cannot tell, scores stay as they were fitted:
    whoever teaches one label says little of the others, and must not switch them off.
    """
    right = answers.sum()
    if min(right, len(answers) - right) < _FEWEST:
        return 1.0, 0.0
    goals = np.where(answers > 0, (right + 1) / (right + 2), 1 / (len(answers) - right + 2))
    at = np.column_stack((odds, np.ones(len(odds))))
    found = np.array([1.0, 0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(at @ found, -30, 30)))
        curve = (at.T * (chance * (1 - chance))) @ at + _TRUST * np.eye(2)
        found = found - np.clip(np.linalg.solve(curve, at.T @ (chance - goals)), -1, 1)
    slope, shift = float(found[0]), float(found[1])
    return (slope, shift) if slope >= _FLATTEST else (1.0, 0.0)
