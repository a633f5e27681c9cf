"""A matrix times encrypted vectors: transforms of the vectors, a multiply-accumulate a tile, an inverse transform a result.

Public data only, so nothing here needs constant time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.kernels import Words, compiled
from gateway.fhe.layout import result_places
from gateway.fhe.parameters import Parameters
from gateway.fhe.plan import Plan
from gateway.fhe.server.sums import best_width, grouped, halve, reducing, sums_of_products
from gateway.fhe.transform import Tables, backward, backward_at, forward, root_of_unity, tables

Rows = NDArray[np.int16]

_TILES = 16
"""Tiles that are encoded at a time where that is done for each call: their values stay in the cache until they are used."""


class Ring:
    """The transforms for one set of parameters: of the whole ring, and of the smaller one that a lane has."""

    def __init__(self, parameters: Parameters, width: int | None = None) -> None:
        """`width` is how many coefficients are done at once: what suits the processor, unless told."""
        self.parameters = parameters
        self.modulus = np.uint64(parameters.modulus)
        self._width = width or best_width()
        self._factors = reducing(parameters.modulus)
        self._root = root_of_unity(2 * parameters.degree, parameters.modulus)
        self._tables: dict[int, Tables] = {}

    def encoded(self, rows: Rows, plan: Plan) -> Words:
        """A matrix for a plan of one lane, to keep: (degree / width, tiles, blocks, width), in the order in which it is
        read.
        """
        made = np.empty((self.parameters.degree // self._width, plan.tiles, plan.blocks, self._width), dtype=np.uint64)
        for tile in range(plan.tiles):
            values = self._values(rows, plan, tile, tile + 1)
            made[:, tile] = values.reshape(-1, self._width, plan.blocks).transpose(0, 2, 1)
        return made

    def product(self, encoded: Words, ciphertexts: Words, plan: Plan) -> tuple[Words, Words]:
        """Encrypted vectors, values (blocks, 2, degree), times a matrix: coefficients of c0 where results stand (tiles, places)
        and of c1 (tiles, degree).
        """
        bodies, masks = self.products(encoded, ciphertexts[None], plan)
        return bodies[0], masks[0]

    def products(self, encoded: Words, ciphertexts: Words, plan: Plan) -> tuple[Words, Words]:
        """The same for vectors of several clients (sets, blocks, 2, degree), in one pass over the matrix."""
        numbers = grouped(ciphertexts, self._width)
        sums = np.empty((len(ciphertexts), 2, plan.tiles, self.parameters.degree), dtype=np.uint64)
        sums_of_products(encoded, numbers, sums, self._factors, self.modulus)
        return self._coefficients(sums, plan)

    def shared_product(self, rows: Rows, ciphertexts: Words, plan: Plan) -> tuple[Words, Words]:
        """For a plan of several lanes: the matrix is encoded on the way, since many positions share what that costs."""
        numbers = grouped(ciphertexts[None], self._width)
        sums = np.empty((1, 2, plan.tiles, self.parameters.degree), dtype=np.uint64)
        for first in range(0, plan.tiles, _TILES):
            last = min(first + _TILES, plan.tiles)
            part = np.empty((1, 2, last - first, self.parameters.degree), dtype=np.uint64)
            encoded = self._values(rows, plan, first, last)[..., None]
            sums_of_products(encoded, numbers, part, self._factors, self.modulus)
            sums[:, :, first:last] = part
        bodies, masks = self._coefficients(sums, plan)
        return bodies[0], masks[0]

    def _values(self, rows: Rows, plan: Plan, first: int, last: int) -> Words:
        """Values of the polynomials of some tiles, as halves: (degree / lanes, tiles, blocks)."""
        values = np.zeros((self.parameters.degree // plan.lanes, last - first, plan.blocks), dtype=np.uint64)
        _spread(rows[first * plan.rows : last * plan.rows], plan.rows, plan.block, values, self.modulus)
        forward(values.reshape(1, -1), self._lane(plan.lanes))
        halve(values)
        return values

    def _coefficients(self, sums: Words, plan: Plan) -> tuple[Words, Words]:
        """Of values (sets, 2, tiles, degree): c0 where results stand, and c1."""
        whole, places = self._lane(1), result_places(plan)
        bodies = np.stack([backward_at(each, whole, places) for each in sums[:, 0]])
        for each in sums[:, 1]:
            backward(each, whole)
        return bodies, sums[:, 1]

    def _lane(self, lanes: int) -> Tables:
        if lanes not in self._tables:
            degree, modulus = self.parameters.degree // lanes, self.parameters.modulus
            self._tables[lanes] = tables(degree, modulus, pow(self._root, lanes, modulus))
        return self._tables[lanes]


@compiled
def _spread(rows: Rows, height: int, block: int, polynomials: Words, q: np.uint64) -> None:
    """The polynomials of tiles, as `layout.tiles` has them, modulo q: (coefficients, tiles, blocks)."""
    outputs, inputs = rows.shape
    for row in range(outputs):
        tile, above = row // height, row % height * block
        for n in range(0, inputs, block):
            column = n // block
            for place in range(min(block, inputs - n)):
                weight = np.int64(rows[row, n + place])
                value = np.uint64(weight) if weight >= 0 else q - np.uint64(-weight)
                polynomials[above + block - 1 - place, tile, column] = value
