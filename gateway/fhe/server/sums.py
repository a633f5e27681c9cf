"""Sums of products of ciphertexts and weights, four or eight coefficients at a time in the processor's vector unit.

No instruction multiplies two words of 54 bits in such a unit. So a word is kept as two halves of 27 bits, the lower one in the
lower 32 bits, and a product is four products of halves, added up in 64 bits without a carry. With a modulus of at most 55 bits
and at most 256 terms no such sum exceeds 2^64. What they make together is cut at 2^62 and reduced once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from gateway.fhe.kernels import Words, compiled
from gateway.fhe.transform import with_quotients
from gateway.fhe.vectors import everywhere, halves, lesser, load, spread, store, turned

WIDTHS = (4, 8)
"""Coefficients that can be done at once."""

_HALF_BITS, _CUT = 27, 62
_HALF = np.uint64(_HALF_BITS)
_LOWER = np.uint64((1 << _HALF_BITS) - 1)
_WORD = ir.IntType(64)
_SUMS = 6
"""Low, middle and high products, of either polynomial of a ciphertext."""

_Add = Callable[[Words, int, Words, int, int, Words, int, int, Words, np.uint64], None]


def best_width() -> int:
    """How many coefficients this processor does best at once: with AVX-512 there are registers for eight."""
    with suppress(RuntimeError):  # LLVM does not know every processor
        return 8 if binding.get_host_cpu_features().get("avx512dq") else 4
    return 4


def halve(words: Words) -> None:
    """Words below 2^55 become two halves each, in place."""
    _halve(words.reshape(-1))


def grouped(words: Words, width: int) -> Words:
    """Words (sets, blocks, 2, degree) below 2^55 as halves, in the order in which they are multiplied:
    (sets, degree / width, blocks, 2, width).
    """
    sets, blocks, _, degree = words.shape
    numbers = np.empty((sets, degree // width, blocks, 2, width), dtype=np.uint64)
    _group(words, numbers)
    return numbers


def reducing(modulus: int) -> Words:
    """What a sum's two parts are multiplied by, each with its quotient."""
    return with_quotients([1, (1 << _CUT) % modulus], modulus)


def sums_of_products(encoded: Words, numbers: Words, products: Words, factors: Words, modulus: np.uint64) -> None:
    """One pass over the weights for all `numbers`.

    `encoded` is (values, tiles, blocks, width), or (values, tiles, blocks, 1) where so many neighbouring coefficients share a
    weight; `numbers` is (sets, degree / width, blocks, 2, width); both hold halves. `products` (sets, 2, tiles, degree) is
    filled, below 4q. `factors` are those of `reducing`.
    """
    _accumulate(encoded, numbers, products, factors, modulus)


def _adder(width: int, *, shared: bool) -> Any:
    """Sums over blocks: of weights from one place on times numbers (block, 2, width) from another, reduced and written to
    products at a place, and those of the second polynomial so many words further.
    """

    def _add(
        context: Any,  # noqa: ARG001 - and these names
        weights: Any,
        place: Any,  # noqa: ARG001
        numbers: Any,
        start: Any,  # noqa: ARG001
        blocks: Any,  # noqa: ARG001
        products: Any,
        out: Any,  # noqa: ARG001
        further: Any,  # noqa: ARG001
        factors: Any,
        q: Any,  # noqa: ARG001
    ) -> Any:
        def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            weight, number, product, factor = (
                target.make_array(signature.args[n])(target, builder, arguments[n]).data for n in (0, 2, 5, 8)
            )
            nothing = spread(builder, ir.Constant(_WORD, 0), width)
            variable: Any = cgutils.alloca_once_value
            totals = [variable(builder, nothing) for _ in range(_SUMS)]
            with cgutils.for_range(builder, arguments[4], intp=_WORD) as loop:
                step = ir.Constant(_WORD, 1 if shared else width)
                at = builder.gep(weight, [builder.add(arguments[1], builder.mul(loop.index, step))])
                found = spread(builder, builder.load(at), width) if shared else load(builder, at, width)
                lows, highs = halves(builder, found)
                first = builder.add(arguments[3], builder.mul(loop.index, ir.Constant(_WORD, 2 * width)))
                for polynomial in (0, 1):
                    place = builder.add(first, ir.Constant(_WORD, polynomial * width))
                    low, high = halves(builder, load(builder, builder.gep(number, [place]), width))
                    for sum_, a, b in ((0, lows, low), (1, lows, high), (1, highs, low), (2, highs, high)):
                        total = totals[3 * polynomial + sum_]
                        builder.store(builder.add(builder.load(total), builder.mul(a, b)), total)
            words = [builder.load(builder.gep(factor, [ir.Constant(_WORD, n)])) for n in range(4)]
            constants = [spread(builder, each, width) for each in (*words, arguments[9])]
            for polynomial in (0, 1):
                sums = [builder.load(total) for total in totals[3 * polynomial : 3 * polynomial + 3]]
                place = builder.add(arguments[6], builder.mul(arguments[7], ir.Constant(_WORD, polynomial)))
                store(builder, _reduced(builder, sums, constants), builder.gep(product, [place]))
            return target.get_dummy_value()

        where = types.int64
        return types.void(weights, where, numbers, where, where, products, where, where, factors, types.uint64), code

    return intrinsic(_add)


def _reduced(builder: Any, sums: list[Any], constants: list[Any]) -> Any:
    """low + middle * 2^27 + high * 2^54 modulo q, below 4q: the first is below 2^62, and so is what is kept of the others."""
    low, middle, high = sums
    one, its_quotient, cut, cuts_quotient, q = constants
    below, above = low, []
    for total, bits in ((middle, _HALF_BITS), (high, 2 * _HALF_BITS)):
        kept = builder.and_(total, everywhere((1 << (_CUT - bits)) - 1, total))
        below = builder.add(below, builder.shl(kept, everywhere(bits, total)))
        above.append(builder.lshr(total, everywhere(_CUT - bits, total)))
    parts = turned(builder, below, one, its_quotient, q), turned(builder, builder.add(*above), cut, cuts_quotient, q)
    return lesser(builder, builder.add(*parts), builder.shl(q, everywhere(2, q)))


_add_four, _add_four_shared = cast(_Add, _adder(4, shared=False)), cast(_Add, _adder(4, shared=True))
_add_eight, _add_eight_shared = cast(_Add, _adder(8, shared=False)), cast(_Add, _adder(8, shared=True))


@compiled
def _halve(words: Words) -> None:
    for n in range(len(words)):
        words[n] = (words[n] >> _HALF << np.uint64(32)) | (words[n] & _LOWER)


@compiled
def _group(words: Words, numbers: Words) -> None:
    width = numbers.shape[4]
    for one in range(words.shape[0]):
        for block in range(words.shape[1]):
            for polynomial in range(2):
                for group in range(numbers.shape[1]):
                    for n in range(width):
                        word = words[one, block, polynomial, width * group + n]
                        numbers[one, group, block, polynomial, n] = (word >> _HALF << np.uint64(32)) | (word & _LOWER)


@compiled
def _accumulate(encoded: Words, numbers: Words, products: Words, factors: Words, q: np.uint64) -> None:
    values, tiles, blocks, own = encoded.shape
    sets, groups, width, degree = numbers.shape[0], numbers.shape[1], numbers.shape[4], products.shape[3]
    further = tiles * degree
    for group in range(groups):
        for tile in range(tiles):
            weights = ((group * values // groups) * tiles + tile) * blocks * own
            for one in range(sets):
                start = (one * groups + group) * blocks * 2 * width
                out = (2 * one * tiles + tile) * degree + width * group
                if width == 8 and own == 1:
                    _add_eight_shared(encoded, weights, numbers, start, blocks, products, out, further, factors, q)
                elif width == 8:
                    _add_eight(encoded, weights, numbers, start, blocks, products, out, further, factors, q)
                elif own == 1:
                    _add_four_shared(encoded, weights, numbers, start, blocks, products, out, further, factors, q)
                else:
                    _add_four(encoded, weights, numbers, start, blocks, products, out, further, factors, q)
