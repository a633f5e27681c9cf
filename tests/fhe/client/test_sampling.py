from __future__ import annotations

from collections import Counter

import numpy as np

from gateway.fhe.client.sampling import Sampler, Taste

_SCORES = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))


def _drawn(taste: Taste, count: int = 1500) -> Counter[int]:
    sampler = Sampler(taste)
    return Counter(sampler.next_of(_SCORES) for _ in range(count))


def test_temperature_zero_takes_the_likeliest() -> None:
    assert _drawn(Taste(temperature=0), 10) == {0: 10}


def test_words_are_drawn_as_often_as_they_are_likely() -> None:
    drawn = _drawn(Taste(seed=1))
    for word, chance in enumerate([0.5, 0.3, 0.15, 0.05]):
        assert abs(drawn[word] / 1500 - chance) < 0.05


def test_the_nucleus_leaves_out_unlikely_words() -> None:
    assert set(_drawn(Taste(top_p=0.7, seed=1))) == {0, 1}
    assert set(_drawn(Taste(top_p=0, seed=1), 20)) == {0}


def test_a_high_temperature_flattens() -> None:
    assert _drawn(Taste(temperature=2, seed=1))[3] > _drawn(Taste(temperature=0.5, seed=1))[3]


def test_a_seed_draws_the_same() -> None:
    sampler, other = Sampler(Taste(seed=5)), Sampler(Taste(seed=5))
    assert [sampler.next_of(_SCORES) for _ in range(20)] == [other.next_of(_SCORES) for _ in range(20)]
