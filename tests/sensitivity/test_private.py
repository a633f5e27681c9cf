"""Learning from noisy sums: the bound that the noise relies on, and that it learns where there is enough."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.private import FOLDED, MOST, MOST_CELLS, Directions, cells, directions, example, learnt, summed
from gateway.sensitivity.verdict import scores
from gateway.sensitivity.weights import STARTER, read_weights

START = read_weights(STARTER)
NOWHERE = Directions(np.zeros((FOLDED, len(LABELS))))


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=2_000), st.frozensets(st.sampled_from([label.value for label in LABELS])))
def test_no_text_adds_more_than_its_bound(text: str, labels: frozenset[str]) -> None:
    one = [example(text, labels)]
    assert sum(value * value for value in summed(one)) <= MOST**2
    assert sum(value * value for value in cells(one, START, NOWHERE)) <= MOST_CELLS**2


def test_what_many_say_is_learnt_and_what_one_says_is_lost_in_the_noise() -> None:
    taught = [example(f"zyklotron bluebird report {n % 7}", frozenset({"hr"})) for n in range(300)]
    taught += [example(f"garden weather train {n % 7}", frozenset()) for n in range(300)]
    chance = np.random.default_rng(7)
    noise = 500.0  # of sums in which a text has length 1,000
    sums = [value + round(chance.normal(0, noise)) for value in summed(taught)]
    way = directions(sums)
    weights = learnt(cells(taught, START, way), 2.0, START, way)
    assert scores(weights, "zyklotron bluebird plan")["hr"] > 0.5 > scores(weights, "weather in the garden")["hr"]
    lonely = directions([value + round(chance.normal(0, noise)) for value in summed([example("zyklotron", frozenset({"hr"}))])])
    assert np.abs(lonely.vectors).max() < 4 * np.abs(lonely.vectors).std() * 2


def test_empty_sums_change_nothing_much() -> None:
    weights = learnt([0] * len(cells([], START, NOWHERE)), 1.0, START, NOWHERE)
    assert scores(weights, "my doctor found a tumour") == scores(START, "my doctor found a tumour")
