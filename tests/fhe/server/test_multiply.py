"""Our products are SEAL's, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import seal
from numpy.typing import NDArray

from gateway.fhe.client.key import Key, Scheme
from gateway.fhe.layout import result_places, tiles
from gateway.fhe.model.quantise import Bits
from gateway.fhe.parameters import Parameters
from gateway.fhe.plan import MOST_BLOCKS, Plan
from gateway.fhe.server.multiply import Ring
from gateway.fhe.server.sums import WIDTHS
from tests.fhe.judge import seal_values, whole_numbers

Words = NDArray[np.uint64]
_RAW = seal.compr_mode_type.none


class SealEvaluator:
    """The same products by SEAL: its transform of the weights, multiply_plain, add_many, and back."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._evaluator = seal.Evaluator(scheme.context)
        self._head = Key(scheme)._head
        self._degree = scheme.parameters.degree
        self._whole = whole_numbers(scheme.parameters)

    def product(self, polynomials: NDArray[np.int64], ciphertexts: Words) -> Words:
        """The sum over blocks, for one tile; where one side is zero SEAL refuses, and zero it is."""
        terms = [
            self._evaluator.multiply_plain(self._ciphertext(ciphertext), self._plaintext(polynomial))
            for polynomial, ciphertext in zip(polynomials, ciphertexts, strict=True)
            if polynomial.any() and ciphertext.any()
        ]
        if not terms:
            return np.zeros((2, self._degree), dtype=np.uint64)
        total = self._evaluator.add_many(terms)
        self._evaluator.transform_from_ntt_inplace(total)
        return np.frombuffer(total.to_string(_RAW)[-16 * self._degree :], dtype="<u8").reshape(2, self._degree)

    def _ciphertext(self, words: Words) -> seal.Ciphertext:
        ciphertext = seal.Ciphertext()
        ciphertext.load_bytes(self._scheme.context, self._head + words.tobytes())
        return ciphertext

    def _plaintext(self, polynomial: NDArray[np.int64]) -> seal.Plaintext:
        plain = seal.Plaintext()
        self._scheme.plaintext(seal_values(polynomial, self._whole), plain)
        return plain


def _plan(inputs: int, outputs: int, lanes: int, block: int) -> Plan:
    return Plan(
        inputs=inputs,
        outputs=outputs,
        lanes=lanes,
        block=block,
        rows=2048 // lanes // block,
        longest=1,
        largest=2**29 - 1,
        step_bits=24,
        drop_body=0,
        drop_mask=0,
        noise=0,
    )


def _same(weights: NDArray[np.int16], ciphertexts: Words, plan: Plan, scheme: Scheme, width: int | None = None) -> int:
    """How many polynomials were compared."""
    ring, judge, places = Ring(scheme.parameters, width), SealEvaluator(scheme), result_places(plan)
    if plan.lanes == 1:
        bodies, masks = ring.product(ring.encoded(weights, plan), ciphertexts, plan)
    else:
        bodies, masks = ring.shared_product(weights, ciphertexts, plan)
    for tile, polynomials in enumerate(tiles(weights, plan, 2048)):
        spread = np.zeros((plan.blocks, 2048), dtype=np.int64)
        spread[:, :: plan.lanes] = polynomials
        theirs = judge.product(spread, ciphertexts)
        assert (masks[tile] == theirs[1]).all()
        assert (bodies[tile] == theirs[0, places]).all()
    return 2 * plan.tiles


@pytest.mark.parametrize("width", WIDTHS)
def test_thousands_of_random_cases(width: int, scheme: Scheme) -> None:
    random, most, compared = np.random.default_rng(7), Bits().most_weight, 0
    for _ in range(4):
        for inputs, outputs, lanes, block in [(60, 2048, 1, 16), (20, 1024, 32, 8), (7, 90, 1, 3), (96, 200, 8, 48)]:
            plan = _plan(inputs, outputs, lanes, block)
            weights = random.integers(-most, most + 1, (outputs, inputs)).astype(np.int16)
            ciphertexts = random.integers(0, scheme.parameters.modulus, (plan.blocks, 2, 2048), dtype=np.uint64)
            compared += _same(weights, ciphertexts, plan, scheme, width)
    assert compared > 1_000  # of 2,048 coefficients each


@pytest.mark.parametrize("weight", [0, 1, -1, 1023, -1023, 16383, -16383])
@pytest.mark.parametrize("coefficient", [0, 1, -1])
@pytest.mark.parametrize("lanes", [1, 32])
def test_edges(weight: int, coefficient: int, lanes: int, scheme: Scheme) -> None:
    plan = _plan(100, 64, lanes, 32)
    ciphertexts = np.full((plan.blocks, 2, 2048), coefficient % scheme.parameters.modulus, dtype=np.uint64)
    assert _same(np.full((64, 100), weight, dtype=np.int16), ciphertexts, plan, scheme)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_largest_sum_that_there_can_be_does_not_overflow(width: int, scheme: Scheme) -> None:
    """256 blocks, and all values q - 1 on both sides."""
    plan, ring = _plan(MOST_BLOCKS, 1, 1, 1), Ring(scheme.parameters, width)
    ciphertexts = np.full((MOST_BLOCKS, 2, 2048), ring.modulus - np.uint64(1))
    bodies, masks = ring.product(ring.encoded(np.full((1, MOST_BLOCKS), -1, dtype=np.int16), plan), ciphertexts, plan)
    assert (bodies[0, 0], masks[0, 0]) == (MOST_BLOCKS, MOST_BLOCKS)
    assert not bodies[0, 1:].any()
    assert not masks[0, 1:].any()
    assert _same(np.full((1, MOST_BLOCKS), -1, dtype=np.int16), ciphertexts, plan, scheme, width)


def test_fresh_ciphertexts(scheme: Scheme, key: Key) -> None:
    plan = _plan(40, 300, 1, 20)
    weights = np.random.default_rng(3).integers(-1023, 1024, (300, 40)).astype(np.int16)
    messages = np.random.default_rng(4).integers(0, scheme.parameters.modulus, (2, 2048), dtype=np.uint64)
    assert _same(weights, np.stack(list(key.encrypt(messages))), plan, scheme)


def test_one_pass_for_several_clients_is_several_passes(scheme: Scheme) -> None:
    plan, ring, random = _plan(60, 70, 1, 30), Ring(scheme.parameters), np.random.default_rng(5)
    encoded = ring.encoded(random.integers(-1023, 1024, (70, 60)).astype(np.int16), plan)
    sets = random.integers(0, scheme.parameters.modulus, (3, plan.blocks, 2, 2048), dtype=np.uint64)
    for *together, ciphertexts in zip(*ring.products(encoded, sets, plan), sets, strict=True):
        alone = ring.product(encoded, ciphertexts, plan)
        assert all((one == other).all() for one, other in zip(together, alone, strict=True))


def test_parameters_are_those_of_the_server() -> None:
    assert Ring(Parameters()).parameters == Parameters()
