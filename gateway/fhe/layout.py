"""Which coefficient of a polynomial holds which number. Pure.

With Y = X^lanes the ring is a module over Z[Y]/(Y^m + 1), m = degree / lanes, and a polynomial in Y alone multiplies every lane
apart. Position p of a block has number j at X^p Y^j; a tile has weight (r, j) at Y^(r block + block - 1 - j). Their product has
the sum over j at X^p Y^(r block + block - 1); what wraps around ends below Y^(block - 1), where no result is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.plan import Plan

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]


def result_places(plan: Plan) -> NDArray[np.int64]:
    """Where results stand in a tile's ciphertext, by row and lane."""
    rows = np.arange(plan.rows) * plan.block + plan.block - 1
    return np.asarray(rows[:, None] * plan.lanes + np.arange(plan.lanes)).reshape(-1)


def messages(vectors: Integers, plan: Plan, modulus: int) -> Words:
    """Vectors (at most `lanes` x inputs) as polynomials below q, one a block: numbers times 2^step_bits.

    Only the coefficients that a block can fill; all above them are zero.
    """
    filled = np.zeros((plan.lanes, plan.blocks * plan.block), dtype=np.int64)
    filled[: len(vectors), : plan.inputs] = vectors
    numbers = filled.reshape(plan.lanes, plan.blocks, plan.block).transpose(1, 2, 0).reshape(plan.blocks, -1)
    scaled = numbers << plan.step_bits
    return np.asarray(scaled + (scaled >> 63 & modulus), dtype=np.uint64)  # it takes as long for any numbers: no division


def tiles(weights: NDArray[np.int16], plan: Plan, degree: int) -> Integers:
    """A matrix as polynomials in Y: (tiles, blocks, degree / lanes)."""
    filled = np.zeros((plan.tiles * plan.rows, plan.blocks * plan.block), dtype=np.int64)
    filled[: plan.outputs, : plan.inputs] = weights
    cut = filled.reshape(plan.tiles, plan.rows, plan.blocks, plan.block).transpose(0, 2, 1, 3)[..., ::-1]
    whole = np.zeros((plan.tiles, plan.blocks, degree // plan.lanes), dtype=np.int64)
    whole[..., : plan.rows * plan.block] = cut.reshape(plan.tiles, plan.blocks, -1)
    return whole


def results(phases: Integers, plan: Plan, count: int) -> tuple[Integers, Integers]:
    """What was decrypted (tiles x results, each between -q/2 and q/2) holds for the first `count` positions: numbers, and how
    far each was from one, in units of q. These stand in place of the phases, of which no copy is made.
    """
    numbers = phases + (1 << (plan.step_bits - 1))
    numbers >>= plan.step_bits
    phases -= numbers << plan.step_bits
    return _by_position(numbers, plan, count), _by_position(phases, plan, count)


def _by_position(values: Integers, plan: Plan, count: int) -> Integers:
    return values.reshape(plan.tiles * plan.rows, plan.lanes).T[:count, : plan.outputs]
