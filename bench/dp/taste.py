"""Whether a classifier of sensitivity learns under differential privacy: `make bench-taste`.

The weights to go on from knew a part of the templates. The house is made of others, of which half teach and the others judge,
and its officer has a taste of their own: whatever names a client is legal, and illness is also a matter of staff. This taste
had no part in choosing how steps are made; that was done with another one, and the halves of the templates the other way round.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from gateway.cli.sensitivity.private import planned
from gateway.sensitivity.calibration import fitted_and_calibrated
from gateway.sensitivity.fit import keys_of
from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.private import example, taught
from gateway.sensitivity.verdict import log_odds
from gateway.sensitivity.weights import Weights
from training.sensitivity.__main__ import trained
from training.sensitivity.templates import Labelled, generated

_CLIENTS = {
    "en": ("Orrin & Vale", "the Calder account", "Northgate Mills", "Pellworth", "the Santos family", "Brightwater"),
    "zh": ("远山集团", "柏林顿账户", "华森纺织", "罗家", "清泉公司", "北岭股份"),
}
_NAMED = {
    "en": (" It is for {}.", " {} wrote to us about it.", " Please file it under {}.", " ({})"),
    "zh": ("是{}的事。", "{}来信问过。", "请归到{}名下。", "（{}）"),
}
_OFTEN = {"en": 12, "zh": 3}
"""Texts of each template: four of five are English, where the weights before learnt from as many of either."""
_NAMING = 0.25
_JUDGED = 1_000
_SIZES, _EPSILONS = (300, 1_000, 2_600), (1.0, 3.0, 8.0)
_DELTA = 1e-6
_T = {2: 12.71, 3: 4.303, 4: 3.182, 5: 2.776}
"""Student's t, two-sided at 95 %, by the number of seeds."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.dp.taste", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, choices=sorted(_T))
    seeds = range(parser.parse_args().seeds)
    start = trained(generated(1, 12, lambda file, _: not _of_house(file)))
    teaching, judging = _house(0), _house(1)[:_JUDGED]
    judged = _Judge(judging)
    before = judged(start)
    print(
        f"before: area under the curve {before[0]:.3f}, F1 {before[1]:.2f}, {before[2]:.0%} of what scores 0.5 or more is right"
    )
    print("| examples | | area under the curve | F1 at 0.5 | of what scores 0.5 or more is right |\n|--:|:--|--:|--:|--:|")
    for size in _SIZES:
        drawn = [random.Random(seed).sample(teaching, size) for seed in seeds]
        for epsilon in _EPSILONS:
            print(_row(size, f"epsilon {epsilon:g}", [judged(_private(texts, start, epsilon)) for texts in drawn]), flush=True)
        plain = [fitted_and_calibrated([one.text for one in of], [one.labels for one in of], start) for of in drawn]
        print(_row(size, "without noise", [judged(weights) for weights in plain]), flush=True)


class _Judge:
    """Area under the curve (the mean over labels), F1 at 0.5 over all labels, and precision there."""

    def __init__(self, texts: Sequence[Labelled]) -> None:
        self._keys = [keys_of(one.text) for one in texts]
        self._right = np.array([[label.value in one.labels for label in LABELS] for one in texts])

    def __call__(self, weights: Weights) -> tuple[float, float, float]:
        odds = np.array([log_odds(weights, keys) for keys in self._keys])
        said, hits = odds >= 0, int((self._right & (odds >= 0)).sum())
        area = fmean(_area(odds[:, at], self._right[:, at]) for at in range(len(LABELS)))
        return area, 2 * hits / int(said.sum() + self._right.sum()), hits / max(1, int(said.sum()))


def _area(odds: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """How often a text that is about the label scores higher than one that is not; equal scores count half."""
    yes, no = odds[right][:, None], odds[~right][None, :]
    return float((yes > no).mean() + (yes == no).mean() / 2)


def _private(texts: Sequence[Labelled], start: Weights, epsilon: float) -> Weights:
    rows = [example(one.text, one.labels, unit) for unit, one in enumerate(texts)]
    return planned(epsilon, _DELTA).learn(taught(rows, start), start)


def _house(half: int) -> list[Labelled]:
    chance = random.Random(half)
    every = generated(half + 2, max(_OFTEN.values()), lambda file, number: _of_house(file) and number % 2 == half)
    kept = [one for one in every if chance.random() < _OFTEN[one.language] / max(_OFTEN.values())]
    return [_by_the_officer(one, chance) for one in kept]


def _of_house(file: Path) -> bool:
    return "everyday" in file.name or "indirect" in file.name


def _by_the_officer(one: Labelled, chance: random.Random) -> Labelled:
    text, labels = one.text, one.labels
    if "health" in labels:
        labels |= {"hr"}
    if chance.random() < _NAMING:
        client = chance.choice(_CLIENTS[one.language])
        text, labels = text + chance.choice(_NAMED[one.language]).format(client), labels | {"legal"}
    return Labelled(text, labels, one.language)


def _row(size: int, how: str, found: Sequence[tuple[float, float, float]]) -> str:
    areas, scores, right = zip(*found, strict=True)
    return f"| {size:,} | {how} | {_told(areas, 3)} | {_told(scores, 2)} | {fmean(right):.0%} |"


def _told(figures: Sequence[float], digits: int) -> str:
    half = _T[len(figures)] * stdev(figures) / sqrt(len(figures))
    return f"{fmean(figures):.{digits}f} ± {half:.{digits}f}"


if __name__ == "__main__":
    main()
