"""Our products are SEAL's, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import seal
from numpy.typing import NDArray

from gateway.fhe.client.key import Key, Scheme, plain_head
from gateway.fhe.layout import result_places, tiles
from gateway.fhe.model.quantise import Bits
from gateway.fhe.parameters import PLAIN_BITS, Parameters
from gateway.fhe.plan import MOST_BLOCKS, Plan
from gateway.fhe.server.multiply import Ring

Words = NDArray[np.uint64]
_RAW = seal.compr_mode_type.none


class SealEvaluator:
    """The same products by SEAL: multiply_plain and add."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._evaluator = seal.Evaluator(scheme.context)
        degree = scheme.parameters.degree
        self._cipher_head, self._plain_head = Key(scheme)._cipher_head, plain_head(degree)
        self._degree = degree

    def product(self, polynomials: NDArray[np.int64], ciphertexts: Words) -> Words:
        """The sum over blocks, for one tile; where one side is zero SEAL refuses, and zero it is."""
        terms = [
            self._evaluator.multiply_plain(self._ciphertext(ciphertext), self._plaintext(polynomial))
            for polynomial, ciphertext in zip(polynomials, ciphertexts, strict=True)
            if polynomial.any() and ciphertext.any()
        ]
        if not terms:
            return np.zeros((2, self._degree), dtype=np.uint64)
        raw = self._evaluator.add_many(terms).to_string(_RAW)
        return np.frombuffer(raw[-16 * self._degree :], dtype="<u8").reshape(2, self._degree)

    def _ciphertext(self, words: Words) -> seal.Ciphertext:
        ciphertext = seal.Ciphertext()
        ciphertext.load_bytes(self._scheme.context, self._cipher_head + words.tobytes())
        return ciphertext

    def _plaintext(self, polynomial: NDArray[np.int64]) -> seal.Plaintext:
        return self._scheme.plaintext((polynomial % 2**PLAIN_BITS).astype(np.uint64), self._plain_head)


def _plan(inputs: int, outputs: int, lanes: int, block: int) -> Plan:
    return Plan(
        inputs=inputs,
        outputs=outputs,
        lanes=lanes,
        block=block,
        rows=2048 // lanes // block,
        longest=1,
        result_bits=30,
        drop_body=0,
        drop_mask=0,
        noise=0,
    )


def _same(weights: NDArray[np.int16], ciphertexts: Words, plan: Plan, scheme: Scheme) -> int:
    """How many polynomials were compared."""
    ring, judge, places = Ring(scheme.parameters), SealEvaluator(scheme), result_places(plan)
    if plan.lanes == 1:
        ours = ring.product(ring.encoded(weights, plan), ciphertexts.copy(), plan)
    else:
        ours = ring.shared_product(weights, ciphertexts.copy(), plan)
    for tile, polynomials in enumerate(tiles(weights, plan, 2048)):
        spread = np.zeros((plan.blocks, 2048), dtype=np.int64)
        spread[:, :: plan.lanes] = polynomials
        theirs = judge.product(spread, ciphertexts)
        assert (ours[tile, 1] == theirs[1]).all()
        assert (ours[tile, 0, places] == theirs[0, places]).all()
    return 2 * plan.tiles


def test_thousands_of_random_cases(scheme: Scheme) -> None:
    random, most, compared = np.random.default_rng(7), Bits().most_weight, 0
    for _ in range(4):
        for inputs, outputs, lanes, block in [(60, 2048, 1, 16), (20, 1024, 32, 8), (7, 90, 1, 3), (96, 200, 8, 48)]:
            plan = _plan(inputs, outputs, lanes, block)
            weights = random.integers(-most, most + 1, (outputs, inputs)).astype(np.int16)
            ciphertexts = random.integers(0, scheme.parameters.modulus, (plan.blocks, 2, 2048), dtype=np.uint64)
            compared += _same(weights, ciphertexts, plan, scheme)
    assert compared > 1_000  # of 2,048 coefficients each


@pytest.mark.parametrize("weight", [0, 1, -1, 1023, -1023, 16383, -16383])
@pytest.mark.parametrize("coefficient", [0, 1, -1])
@pytest.mark.parametrize("lanes", [1, 32])
def test_edges(weight: int, coefficient: int, lanes: int, scheme: Scheme) -> None:
    plan = _plan(100, 64, lanes, 32)
    ciphertexts = np.full((plan.blocks, 2, 2048), coefficient % scheme.parameters.modulus, dtype=np.uint64)
    assert _same(np.full((64, 100), weight, dtype=np.int16), ciphertexts, plan, scheme)


def test_the_largest_sum_that_there_can_be_does_not_overflow() -> None:
    """256 blocks, and in the transform q - 1 on both sides. (SEAL multiplies by a negative monomial in another way.)"""
    plan, ring = _plan(MOST_BLOCKS, 1, 1, 1), Ring(Parameters())
    ciphertexts = np.zeros((MOST_BLOCKS, 2, 2048), dtype=np.uint64)
    ciphertexts[:, :, 0] = ring.modulus - np.uint64(1)
    products = ring.product(ring.encoded(np.full((1, MOST_BLOCKS), -1, dtype=np.int16), plan), ciphertexts, plan)
    assert (products[0, :, 0] == MOST_BLOCKS).all()
    assert not products[0, :, 1:].any()


def test_fresh_ciphertexts(scheme: Scheme, key: Key) -> None:
    plan = _plan(40, 300, 1, 20)
    weights = np.random.default_rng(3).integers(-1023, 1024, (300, 40)).astype(np.int16)
    plaintexts = np.random.default_rng(4).integers(0, 2**PLAIN_BITS, (2, 2048), dtype=np.uint64)
    assert _same(weights, np.stack(list(key.encrypt(plaintexts))), plan, scheme)


def test_one_pass_for_several_clients_is_several_passes(scheme: Scheme) -> None:
    plan, ring, random = _plan(60, 70, 1, 30), Ring(scheme.parameters), np.random.default_rng(5)
    encoded = ring.encoded(random.integers(-1023, 1024, (70, 60)).astype(np.int16), plan)
    sets = random.integers(0, scheme.parameters.modulus, (3, plan.blocks, 2, 2048), dtype=np.uint64)
    together = ring.products(encoded, sets.copy(), plan)
    for one, ciphertexts in zip(together, sets, strict=True):
        assert (one == ring.product(encoded, ciphertexts.copy(), plan)).all()


def test_parameters_are_those_of_the_server() -> None:
    assert Ring(Parameters()).parameters == Parameters()
