from __future__ import annotations

import numpy as np
import pytest

from gateway.fhe.parameters import Parameters
from gateway.fhe.plan import MOST_BLOCKS
from gateway.fhe.server.sums import WIDTHS, best_width, grouped, halve, reducing, sums_of_products

_LARGEST = (1 << 55) - 1


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("modulus", [Parameters().modulus, (1 << 55) - 55, 12289])
@pytest.mark.parametrize("word", [_LARGEST, (1 << 54) + 1, 1 << 27, (1 << 27) - 1, 1, 0])
def test_the_most_and_largest_terms_that_there_can_be(width: int, modulus: int, word: int) -> None:
    """Whatever the words are, below the modulus or not."""
    numbers = grouped(np.full((1, MOST_BLOCKS, 2, 16), word, dtype=np.uint64), width)
    encoded = np.full((16 // width, 1, MOST_BLOCKS, width), _LARGEST, dtype=np.uint64)
    halve(encoded)
    sums = np.empty((1, 2, 1, 16), dtype=np.uint64)
    sums_of_products(encoded, numbers, sums, reducing(modulus), np.uint64(modulus))
    assert (sums < np.uint64(4 * modulus)).all()
    assert (sums % np.uint64(modulus) == MOST_BLOCKS * word * _LARGEST % modulus).all()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("shared", [True, False])
def test_every_sum_has_its_own_terms(width: int, shared: bool) -> None:
    random, modulus = np.random.default_rng(width), Parameters().modulus
    words = random.integers(0, modulus, (2, 3, 2, 32), dtype=np.uint64)
    weights = random.integers(0, modulus, (32 // width, 5, 3, 1 if shared else width), dtype=np.uint64)
    encoded, sums = weights.copy(), np.empty((2, 2, 5, 32), dtype=np.uint64)
    halve(encoded)
    sums_of_products(encoded, grouped(words, width), sums, reducing(modulus), np.uint64(modulus))
    for one, polynomial, tile, place in np.ndindex(*sums.shape):
        own = weights[place // width, tile, :, 0 if shared else place % width].tolist()
        terms = zip(own, words[one, :, polynomial, place].tolist(), strict=True)
        assert int(sums[one, polynomial, tile, place]) % modulus == sum(a * b for a, b in terms) % modulus


def test_a_width_suits_this_processor() -> None:
    assert best_width() in WIDTHS
