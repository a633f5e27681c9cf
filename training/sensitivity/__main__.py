"""Trains the starter classifier of sensitivity: `python -m training.sensitivity`, a minute. One seed gives the same bytes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gateway.sensitivity.fit import fitted, keys_of, lessons
from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.verdict import log_odds
from gateway.sensitivity.weights import STARTER, Weights, digest_of, read_weights
from training.sensitivity.figures import milliseconds, table
from training.sensitivity.held_out import for_calibration, held_out
from training.sensitivity.templates import LANGUAGES, Labelled, generated
from training.tell import tell

_EACH = 12
_PENALTY = 0.01
_EMPHASIS = 3.0
_ROUNDS = 60
_TRUST = 0.005
"""How much a calibration by few texts is held back: the weight of a slope's distance from one.

This, the penalty and the number of texts were chosen by cross-validation on the texts for calibration.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.sensitivity", description=__doc__)
    parser.add_argument("--out", type=Path, default=STARTER, help="where the weights go (default: into the package)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", type=Path, help="train nothing: print the figures of these weights")
    chosen = parser.parse_args()
    weights = read_weights(chosen.check) if chosen.check else trained(generated(chosen.seed, _EACH))
    if not chosen.check:
        raw = weights.to_bytes()
        chosen.out.write_bytes(raw)
        tell(f"{chosen.out}: {len(raw):,} bytes, {digest_of(raw)}")
        weights = read_weights(chosen.out)
    texts = held_out()
    tell("precision and recall\n\n" + "\n".join(table(weights, texts)))
    for language in LANGUAGES:
        cost = milliseconds(weights, [one.text for one in texts if one.language == language])
        tell(f"{language}: {cost:.2f} ms of CPU time for 1,000 characters")


def trained(texts: Sequence[Labelled]) -> Weights:
    """On generated texts, and then calibrated by a few that were written apart."""
    taught = lessons([one.text for one in texts], [one.labels for one in texts])
    weights = fitted(taught, penalty=_PENALTY, rounds=_ROUNDS, emphasis=_EMPHASIS)
    return _calibrated(weights, for_calibration())


def _calibrated(weights: Weights, texts: Sequence[Labelled]) -> Weights:
    """A slope and a shift for each label (Platt 1999), so that a score of 0.8 is right in about four of five texts."""
    odds = np.array([log_odds(weights, keys_of(one.text)) for one in texts])
    answers = np.array([[label.value in one.labels for label in LABELS] for one in texts], dtype=float)
    slope, shift = np.ones(len(LABELS)), np.zeros(len(LABELS))
    for _ in range(6_000):
        errors = 1 / (1 + np.exp(-(slope * odds + shift))) - answers
        slope = slope - 0.05 * ((errors * odds).mean(axis=0) + _TRUST * (slope - 1))
        shift = shift - 0.5 * errors.mean(axis=0)
    return Weights((weights.table * slope).astype(np.float32), (weights.bias * slope + shift).astype(np.float32))


if __name__ == "__main__":
    main()
