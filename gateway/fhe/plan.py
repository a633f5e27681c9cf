"""How one matrix product goes into ciphertexts, and the proof that its result comes out whole. Pure.

Everything here follows from the weights and from sizes, never from what is multiplied: what the server sees is the same for
every prompt of the same length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, inf, log2, sqrt

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.parameters import ERROR_PROXY, Parameters

Norms = NDArray[np.float64]

TAIL = 10.0
"""Noise is bounded by so many standard deviations: beyond lie 2 exp(-50), or 4e-22, of the coefficients."""

FLATTEST = 4.0
"""Vectors have an infinity norm of at least this many times their root mean square, or are scaled down until they have."""

MOST_BLOCKS = 256
"""Products that are added up before the sum is reduced."""

_ENCRYPT, _DECRYPT = 3.3, 1.0
"""What a ciphertext costs that goes up, and one that comes back: between 2.7 in bytes and 4 in time."""

_PRODUCTS = 185_000
"""Products of a weight and a position's ciphertext that cost as much as a ciphertext that comes back."""

_ON_THE_WAY = 12
"""Encoding a matrix for one call costs as much as multiplying it by so many positions more."""

_NO_BIT = -1


class NoPlan(ValueError):
    """No way to cut this product leaves room for its noise, so fewer bits for weights or activations are needed; or its matrix
    is too wide. The text says which.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`lanes` positions share a ciphertext, each as blocks of `block` numbers; a tile has `rows` x `block` weights.

    A number is written as so many times 2^`step_bits`, and results reach from -`largest` to `largest`: that is less than q, so
    none wraps around. Of the coefficients that come back the server drops `drop_body` low bits of those that are results (c0)
    and `drop_mask` of the others (c1). `noise` bounds what is left of it all, in units of q; it is below half the distance
    between two results. `longest` is the Euclidean length that a vector of integers may have.
    """

    inputs: int
    outputs: int
    lanes: int
    block: int
    rows: int
    longest: float
    largest: int
    step_bits: int
    drop_body: int
    drop_mask: int
    noise: float

    @property
    def blocks(self) -> int:
        """Ciphertexts that go up."""
        return ceil(self.inputs / self.block)

    @property
    def tiles(self) -> int:
        """Ciphertexts that come back."""
        return ceil(self.outputs / self.rows)

    def check(self, parameters: Parameters) -> None:
        """Raises ValueError for a plan, read from somewhere, that is none for these parameters."""
        whole = (self.inputs, self.outputs, self.lanes, self.block, self.rows, self.largest, self.step_bits)
        dropped = (self.drop_body, self.drop_mask)
        if not all(type(each) is int for each in (*whole, *dropped)):
            raise ValueError("a plan's numbers are not whole")
        if min(whole) < 1 or not all(0 <= each < parameters.bits for each in (*dropped, self.step_bits)):
            raise ValueError("a plan's numbers are out of range")
        if parameters.degree % self.lanes or self.rows * self.block * self.lanes > parameters.degree:
            raise ValueError("a plan's tiles do not fit into a ciphertext")
        if self.inputs > MOST_BLOCKS * self.block:
            raise ValueError("a plan has too many blocks")
        if (2 * self.largest + 1) << self.step_bits > parameters.modulus:
            raise ValueError("a plan's results do not fit below the modulus")
        if not (0 < self.noise < 2.0 ** (self.step_bits - 1) and 0 < self.longest < inf):
            raise ValueError("a plan's noise reaches from one result to the next, or its vectors have no length")

    @property
    def cost(self) -> float:
        """CPU time of a call at both sides, in ciphertexts that come back (a twentieth of a millisecond)."""
        positions = self.lanes + _ON_THE_WAY if self.lanes > 1 else 1
        return _ENCRYPT * self.blocks + _DECRYPT * self.tiles + positions * self.inputs * self.outputs / _PRODUCTS


def longest_vector(inputs: int, most_activation: int) -> float:
    """The Euclidean length that vectors of this many integers are kept to."""
    return most_activation * sqrt(inputs) / min(FLATTEST, sqrt(inputs) / 2)


def widest(lanes: int, parameters: Parameters) -> int:
    """The most columns of a matrix by which so many positions that share ciphertexts can be multiplied."""
    return MOST_BLOCKS * (parameters.degree // lanes)


def best_plan(norms: Norms, inputs: int, lanes: int, most_activation: int, parameters: Parameters) -> Plan:
    """The plan with the fewest ciphertexts, one that goes up counting as much as 3.3 that come back. Raises NoPlan.

    `norms` are the Euclidean lengths of the rows of integers.
    """
    if inputs > widest(lanes, parameters):
        raise NoPlan(f"a matrix has {inputs} columns: at {lanes} to a ciphertext there can be {widest(lanes, parameters)}")
    ring = parameters.degree // lanes
    longest = longest_vector(inputs, most_activation)
    plans = [_plan(norms, inputs, lanes, block, longest, parameters) for block in _blocks(ring, inputs)]
    safe = [plan for plan in plans if plan is not None]
    if not safe:
        raise NoPlan("no way to cut a product leaves room for its noise: choose fewer bits")
    return min(safe, key=lambda plan: _ENCRYPT * plan.blocks + _DECRYPT * plan.tiles)


def _blocks(ring: int, inputs: int) -> Iterable[int]:
    """Sizes of a block that fill a ring: powers of two, and one and a half times those."""
    sizes = {1 << n for n in range(ring.bit_length())} | {3 << n for n in range(max(ring.bit_length() - 1, 0))}
    return sorted(size for size in sizes if size <= min(ring, 2 * inputs))


def _plan(norms: Norms, inputs: int, lanes: int, block: int, longest: float, parameters: Parameters) -> Plan | None:
    rows = parameters.degree // lanes // block
    heaviest = max(float(norms.max()), 1.0)  # where all weights are zero, the vector's own numbers have to fit
    largest = ceil(heaviest * longest)
    step_bits = (parameters.modulus // (2 * largest + 1)).bit_length() - 1
    if step_bits < 1 or inputs > MOST_BLOCKS * block:
        return None
    room = 2.0 ** (step_bits - 1)
    fresh = _fresh_noise(norms, rows)
    drop_mask = _floor_log2(0.7 * (room - fresh) / (TAIL * sqrt(parameters.degree / 12)))
    drop_body = _floor_log2(0.4 * (room - fresh))
    if min(drop_mask, drop_body) <= _NO_BIT:
        return None
    noise = fresh + TAIL * sqrt(parameters.degree / 12) * 2.0**drop_mask + 2.0**drop_body / 2
    return Plan(
        inputs=inputs,
        outputs=len(norms),
        lanes=lanes,
        block=block,
        rows=rows,
        longest=longest,
        largest=largest,
        step_bits=step_bits,
        drop_body=drop_body,
        drop_mask=drop_mask,
        noise=noise,
    )


def _fresh_noise(norms: Norms, rows: int) -> float:
    """The noise of fresh encryptions times the weights of a row of tiles: an error meets every weight of its tile."""
    padded = np.concatenate([norms, np.zeros(-len(norms) % rows)])
    heaviest = sqrt(float(np.square(padded).reshape(-1, rows).sum(axis=1).max()))
    return TAIL * sqrt(ERROR_PROXY) * heaviest


def _floor_log2(value: float) -> int:
    return floor(log2(value)) if value >= 1 else _NO_BIT
