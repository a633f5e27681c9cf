"""Learning with noise: the bound that the noise relies on, that it learns where there is enough, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sensitivity.fit import keys_of
from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.private import CLIP, STEPS, WIDTH, Example, corrected, example, learnt, summed, taught
from gateway.sensitivity.verdict import explained, log_odds, scores
from gateway.sensitivity.weights import STARTER, Weights, read_weights

START = read_weights(STARTER)
NOWHERE = np.zeros((WIDTH, len(LABELS)))
NAMES = [label.value for label in LABELS]
TAUGHT = [example(f"zyklotron bluebird report {n % 7}", frozenset({"hr"}), n) for n in range(150)]
TAUGHT += [example(f"garden weather train {n % 7}", frozenset(), 150 + n) for n in range(150)]


def with_noise(of: Sequence[Example], scale: float, seed: int = 7) -> Weights:
    chance = np.random.default_rng(seed)

    def noisy(sums: Sequence[int]) -> list[int]:
        return [value + round(chance.normal(0, scale)) for value in sums]

    return learnt(taught(of, START), START, len(of), scale, noisy)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=200), st.frozensets(st.sampled_from(NAMES))), min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
)
def test_no_unit_adds_more_than_its_bound_however_much_it_wrote(
    wrote: list[tuple[str, frozenset[str]]], correction: int
) -> None:
    """At every correction that steps may have led to, also at absurd ones."""
    led = np.random.default_rng(correction).normal(0, 30, NOWHERE.shape)
    own = [example(text, labels, 2) for text, labels in wrote]
    others = [replace(one, unit=at) for at, one in enumerate(TAUGHT[:2])]
    for at in (NOWHERE, led):
        moved = np.array(summed(taught([*others, *own], START), at)) - np.array(summed(taught(others, START), at))
        assert (moved**2).sum() <= CLIP**2
        assert moved.any() or at is led, "where nothing is certain yet, everybody moves the sums"


def test_who_writes_the_same_twice_counts_once() -> None:
    once, twice = [replace(TAUGHT[0], unit=0)], [replace(TAUGHT[0], unit=0)] * 2
    assert summed(taught(once, START), NOWHERE) == summed(taught(twice, START), NOWHERE)


def test_what_many_say_is_learnt_and_what_one_says_is_lost_in_the_noise() -> None:
    scale = CLIP * (STEPS / (2 * 0.185)) ** 0.5  # epsilon 3 at delta 1e-6
    weights = with_noise(TAUGHT, scale)
    assert scores(weights, "zyklotron bluebird plan")["hr"] > 0.5 > scores(weights, "weather in the garden")["hr"]
    lonely = [example("zyklotron bluebird", frozenset({"hr"}), 0), *(replace(one, labels=frozenset()) for one in TAUGHT[150:])]
    assert scores(with_noise(lonely, scale), "zyklotron bluebird plan")["hr"] < 0.5


def test_what_is_learnt_is_a_table_of_words_that_explains_itself() -> None:
    """The table says what log-odds and correction say, and an explanation names the words that were taught."""
    one, led = TAUGHT[0], np.random.default_rng(3).normal(0, 0.1, NOWHERE.shape)
    row = taught([one], START)
    features = np.zeros(WIDTH)
    np.add.at(features, row.columns, row.values)
    assert log_odds(corrected(START, led), one.keys) == pytest.approx(row.before[0] + features @ led, abs=1e-4)
    told = explained(with_noise(TAUGHT, 100.0), "status of zyklotron bluebird")
    hr = next(one for one in told if one.label == "hr")
    assert {"zyklotron", "bluebird"} & {word.text for word in hr.words[:4]}


def test_noise_alone_changes_little() -> None:
    """With so little to learn from, steps are short."""
    weights, text = with_noise(TAUGHT[:4], 100 * CLIP), keys_of("my doctor found a tumour")
    assert np.abs(log_odds(weights, text) - log_odds(START, text)).max() < 1.0
