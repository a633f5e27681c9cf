"""Sums of products of ciphertexts and weights, four coefficients at a time in the processor's vector unit.

No instruction multiplies two words of 54 bits in such a unit. So a word is kept as two halves of 27 bits, the lower one in the
lower 32 bits, and a product is four products of halves, added up in 64 bits without a carry. With a modulus of at most 55 bits
and at most 256 terms no such sum exceeds 2^64, and the whole stays below q * 2^64, where Montgomery reduces it once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from gateway.fhe.kernels import Words, compiled, multiply_add

WIDTH = 4
"""Coefficients that are done at once."""

_HALF = np.uint64(27)
_LOWER = np.uint64((1 << 27) - 1)
_SHIFT, _TWICE_SHIFT = np.uint64(1 << 27), np.uint64(1 << 54)
_WORD, _VECTOR = ir.IntType(64), ir.VectorType(ir.IntType(64), WIDTH)
_SUMS = 6
"""Low, middle and high products, of either polynomial of a ciphertext."""

_Add = Callable[[Words, int, Words, int, int, Words], None]


def halve(words: Words) -> None:
    """Words below 2^55 become two halves each, in place."""
    _halve(words.reshape(-1))


def grouped(words: Words) -> Words:
    """Words (sets, blocks, 2, degree) below 2^55 as halves, in the order in which they are multiplied:
    (sets, degree / 4, blocks, 2, 4).
    """
    sets, blocks, _, degree = words.shape
    numbers = np.empty((sets, degree // WIDTH, blocks, 2, WIDTH), dtype=np.uint64)
    _group(words, numbers)
    return numbers


def sums_of_products(encoded: Words, numbers: Words, products: Words, modulus: np.uint64, negative_inverse: np.uint64) -> None:
    """One pass over the weights for all `numbers`.

    `encoded` is (values, tiles, blocks, 4), or (values, tiles, blocks, 1) where neighbouring coefficients share a weight;
    `numbers` is (sets, degree / 4, blocks, 2, 4); both hold halves. `products` (sets, 2, tiles, degree) is filled.
    """
    _accumulate(encoded, numbers, products, modulus, negative_inverse)


def _adder(*, shared: bool) -> Any:
    """Fills (2, 3, 4) sums over blocks: of weights from one place on, and of numbers (block, 2, 4) from another."""

    def _add(context: Any, weights: Any, place: Any, numbers: Any, start: Any, blocks: Any, sums: Any) -> Any:  # noqa: ARG001 - numba wants these names
        def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            variable: Any = cgutils.alloca_once_value
            bases = (target.make_array(signature.args[n])(target, builder, arguments[n]).data for n in (0, 2, 5))
            weight, number, out = bases
            totals = [variable(builder, _all(0)) for _ in range(_SUMS)]
            with cgutils.for_range(builder, arguments[4], intp=_WORD) as loop:
                step = ir.Constant(_WORD, 1 if shared else WIDTH)
                at = builder.gep(weight, [builder.add(arguments[1], builder.mul(loop.index, step))])
                lows, highs = _halves(builder, _spread(builder, at) if shared else _load(builder, at))
                first = builder.add(arguments[3], builder.mul(loop.index, ir.Constant(_WORD, 2 * WIDTH)))
                for polynomial in (0, 1):
                    place = builder.add(first, ir.Constant(_WORD, polynomial * WIDTH))
                    low, high = _halves(builder, _load(builder, builder.gep(number, [place])))
                    for sum_, a, b in ((0, lows, low), (1, lows, high), (1, highs, low), (2, highs, high)):
                        total = totals[3 * polynomial + sum_]
                        builder.store(builder.add(builder.load(total), builder.mul(a, b)), total)
            for n, total in enumerate(totals):
                place = builder.gep(out, [ir.Constant(_WORD, n * WIDTH)])
                builder.store(builder.load(total), builder.bitcast(place, _VECTOR.as_pointer()), align=8)
            return target.get_dummy_value()

        where = types.int64
        return types.void(weights, where, numbers, where, where, sums), code

    return intrinsic(_add)


def _all(number: int) -> Any:
    return ir.Constant(_VECTOR, [number] * WIDTH)


def _load(builder: Any, at: Any) -> Any:
    return builder.load(builder.bitcast(at, _VECTOR.as_pointer()), align=8)


def _spread(builder: Any, at: Any) -> Any:
    nothing, first = ir.Constant(_VECTOR, ir.Undefined), ir.IntType(32)
    one = builder.insert_element(nothing, builder.load(at), ir.Constant(first, 0))
    return builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(first, WIDTH), [0] * WIDTH))


def _halves(builder: Any, vector: Any) -> tuple[Any, Any]:
    return builder.and_(vector, _all(0xFFFF_FFFF)), builder.lshr(vector, _all(32))


_add_own = cast(_Add, _adder(shared=False))
_add_shared = cast(_Add, _adder(shared=True))


@compiled
def _halve(words: Words) -> None:
    for n in range(len(words)):
        words[n] = (words[n] >> _HALF << np.uint64(32)) | (words[n] & _LOWER)


@compiled
def _group(words: Words, numbers: Words) -> None:
    for one in range(words.shape[0]):
        for block in range(words.shape[1]):
            for polynomial in range(2):
                for group in range(numbers.shape[1]):
                    for n in range(4):
                        word = words[one, block, polynomial, 4 * group + n]
                        numbers[one, group, block, polynomial, n] = (word >> _HALF << np.uint64(32)) | (word & _LOWER)


@compiled
def _accumulate(encoded: Words, numbers: Words, products: Words, q: np.uint64, negative_inverse: np.uint64) -> None:
    values, tiles, blocks, width = encoded.shape
    sets, groups = numbers.shape[0], numbers.shape[1]
    sums = np.empty((2, 3, 4), dtype=np.uint64)
    for group in range(groups):
        for tile in range(tiles):
            weights = ((group * values // groups) * tiles + tile) * blocks * width
            for one in range(sets):
                start = (one * groups + group) * blocks * 8
                if width == 1:
                    _add_shared(encoded, weights, numbers, start, blocks, sums)
                else:
                    _add_own(encoded, weights, numbers, start, blocks, sums)
                for polynomial in range(2):
                    for n in range(4):
                        total = _reduced(sums[polynomial], n, q, negative_inverse)
                        products[one, polynomial, tile, 4 * group + n] = total


@compiled
def _reduced(sums: Words, n: int, q: np.uint64, negative_inverse: np.uint64) -> np.uint64:
    """Montgomery's reduction of a whole sum: that / 2^64 modulo q, below q, for a sum below q * 2^64."""
    low, high = multiply_add(sums[0, n], np.uint64(0), sums[1, n], _SHIFT)
    low, high = multiply_add(low, high, sums[2, n], _TWICE_SHIFT)
    _, total = multiply_add(low, high, low * negative_inverse, q)
    return total - q if total >= q else total
