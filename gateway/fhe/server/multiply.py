"""A matrix, encoded once, times encrypted vectors: a multiply-accumulate a tile, an inverse transform a result.

Public data only, so nothing here needs constant time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.kernels import Words, compiled, multiply_add, multiply_high
from gateway.fhe.layout import tiles
from gateway.fhe.parameters import Parameters
from gateway.fhe.plan import Plan
from gateway.fhe.server.transform import Tables, backward, forward, root_of_unity, tables

_CHUNK = 64
"""Coefficients that are done for all tiles before the next ones: their part of the ciphertexts stays in the cache."""


class Ring:
    """The transforms for one set of parameters: of the whole ring, and of the smaller one that a lane has."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.modulus = np.uint64(parameters.modulus)
        self.negative_inverse = np.uint64(-pow(parameters.modulus, -1, 1 << 64) % (1 << 64))
        self._root = root_of_unity(2 * parameters.degree, parameters.modulus)
        factor = pow(2, 64, parameters.modulus)
        self._montgomery = np.array([factor, (factor << 64) // parameters.modulus], dtype=np.uint64)
        self.whole = tables(parameters.degree, parameters.modulus, self._root)

    def encoded(self, weights: NDArray[np.int16], plan: Plan) -> Words:
        """(tiles, degree / lanes, blocks): values of the tiles' polynomials, times 2^64 modulo q for Montgomery's reduction."""
        made = np.empty((plan.tiles, self.parameters.degree // plan.lanes, plan.blocks), dtype=np.uint64)
        lane = self._lane(plan.lanes)
        for tile, polynomials in enumerate(tiles(weights, plan, self.parameters.degree)):
            values = np.where(polynomials < 0, polynomials + self.parameters.modulus, polynomials).astype(np.uint64)
            forward(values, lane)
            made[tile] = values.T
        _scale(made.reshape(-1), self._montgomery, self.modulus)
        return made

    def product(self, encoded: Words, ciphertexts: Words, lanes: int) -> Words:
        """Encrypted vectors (blocks, 2, degree) times a matrix: (tiles, 2, degree). The ciphertexts are used up."""
        degree = self.parameters.degree
        blocks = len(ciphertexts)
        forward(ciphertexts.reshape(2 * blocks, degree), self.whole)
        pairs = np.ascontiguousarray(ciphertexts.transpose(2, 0, 1))
        products = np.empty((len(encoded), 2, degree), dtype=np.uint64)
        _accumulate(encoded, pairs, products, self.modulus, self.negative_inverse, lanes)
        backward(products.reshape(-1, degree), self.whole)
        return products

    def _lane(self, lanes: int) -> Tables:
        modulus = self.parameters.modulus
        return tables(self.parameters.degree // lanes, modulus, pow(self._root, lanes, modulus))


@compiled
def _scale(values: Words, factor: Words, q: np.uint64) -> None:
    """Shoup's multiplication by a constant: `factor` holds it and floor(it * 2^64 / q)."""
    for n in range(len(values)):
        value = values[n] * factor[0] - multiply_high(values[n], factor[1]) * q
        values[n] = value - q if value >= q else value


@compiled
def _accumulate(encoded: Words, pairs: Words, products: Words, q: np.uint64, negative_inverse: np.uint64, lanes: int) -> None:
    """Sums of products are kept in 128 bits and reduced once: there are at most 256 of them, so they stay below q * 2^64."""
    tiles, values, blocks = encoded.shape
    for start in range(0, values, _CHUNK):
        for tile in range(tiles):
            for value in range(start, min(start + _CHUNK, values)):
                for n in range(value * lanes, value * lanes + lanes):
                    low0 = high0 = low1 = high1 = np.uint64(0)
                    for block in range(blocks):
                        weight = encoded[tile, value, block]
                        low0, high0 = multiply_add(low0, high0, weight, pairs[n, block, 0])
                        low1, high1 = multiply_add(low1, high1, weight, pairs[n, block, 1])
                    products[tile, 0, n] = _reduced(low0, high0, q, negative_inverse)
                    products[tile, 1, n] = _reduced(low1, high1, q, negative_inverse)


@compiled
def _reduced(low: np.uint64, high: np.uint64, q: np.uint64, negative_inverse: np.uint64) -> np.uint64:
    """Montgomery's reduction: (high, low) / 2^64 modulo q, below q, for an argument below q * 2^64."""
    _, total = multiply_add(low, high, low * negative_inverse, q)
    return total - q if total >= q else total
