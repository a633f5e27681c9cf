"""The loops of the number-theoretic transform, eight words at a time in the processor's vector unit.

Words are of 64 bits and q has 55 at most, so little needs to be reduced on the way: a product comes out below 4q whatever it is
made of. Going forward 4q is added a step, to 45q after eleven; going backward sums are kept below 4q. What is left over where
a row is no multiple of eight is done one by one, as numbers below the same bounds. Nothing here branches on data.

Tables of powers are (n, 2): each with floor(power * 2^64 / q). The last three steps, where halves are shorter than a vector,
take 64 words into registers as a square, and have a table of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from gateway.fhe.kernels import Words, compiled, multiply_high
from gateway.fhe.vectors import chosen, everywhere, lesser, load, spread, store, transposed, turned

WIDTH = 8
"""Words that are done at once; rows with at least its square have the last three steps done in registers."""

_SQUARE = WIDTH * WIDTH
_WORD = ir.IntType(64)
_PAIRS = (((0, 4), (1, 5), (2, 6), (3, 7)), ((0, 2), (1, 3), (4, 6), (5, 7)), ((0, 1), (2, 3), (4, 5), (6, 7)))
"""Which of eight neighbours meet in each of the last three steps."""
_POWERS = ((0, 0, 0, 0), (1, 1, 2, 2), (3, 4, 5, 6))
"""By which of their powers."""
_POWERS_OF_A_SQUARE = 7

_Step = Callable[[Any, Any, Any, Any, Any, Any], tuple[Any, Any]]
_Half = Callable[[Words, int, int, int, np.uint64, np.uint64, np.uint64], None]
_Square = Callable[[Words, int, Words, int, np.uint64], None]
_Reduce = Callable[[Words, int, np.uint64, np.uint64, np.uint64], None]
_Odd = Callable[[Words, int, Words, int, Words, int, np.uint64], None]


def square_powers(powers: Words) -> Words:
    """For the last three steps, by squares: (n / 64, 7, 2, 8), or nothing for fewer powers than a square has."""
    squares = len(powers) // _SQUARE
    first = np.arange(squares * WIDTH).reshape(squares, 1, WIDTH)
    steps = [len(powers) // size + WIDTH // size * first + np.arange(WIDTH // size)[:, None] for size in (8, 4, 2)]
    return (
        np.ascontiguousarray(powers[np.concatenate(steps, axis=1)].swapaxes(2, 3))
        if squares
        else np.empty((0, 7, 2, 8), np.uint64)
    )


def _forward_step(builder: Any, left: Any, right: Any, power: Any, quotient: Any, q: Any) -> tuple[Any, Any]:
    times = turned(builder, right, power, quotient, q)
    return builder.add(left, times), builder.sub(builder.add(left, _fourfold(builder, q)), times)


def _backward_step(builder: Any, left: Any, right: Any, power: Any, quotient: Any, q: Any) -> tuple[Any, Any]:
    most = _fourfold(builder, q)
    difference = builder.sub(builder.add(left, most), right)
    return lesser(builder, builder.add(left, right), most), turned(builder, difference, power, quotient, q)


def _fourfold(builder: Any, q: Any) -> Any:
    return builder.shl(q, everywhere(2, q))


def _base(target: Any, builder: Any, signature: Any, arguments: Any, number: int) -> Any:
    return target.make_array(signature.args[number])(target, builder, arguments[number]).data


def _over_halves(step: _Step) -> Any:
    """(row, place, half, count, power, quotient, q): `count` words from a place on meet those half a group further."""

    def _meet(context: Any, row: Any, place: Any, half: Any, count: Any, power: Any, quotient: Any, q: Any) -> Any:  # noqa: ARG001 - numba wants these names

        def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            base = _base(target, builder, signature, arguments, 0)
            same = [spread(builder, each, WIDTH) for each in arguments[4:]]
            nothing, width = ir.Constant(_WORD, 0), ir.Constant(_WORD, WIDTH)
            with cgutils.for_range_slice(builder, nothing, arguments[3], width, intp=_WORD) as (index, _):
                left = builder.gep(base, [builder.add(arguments[1], index)])
                right = builder.gep(left, [arguments[2]])
                both = step(builder, load(builder, left, WIDTH), load(builder, right, WIDTH), *same)
                for vector, at in zip(both, (left, right), strict=True):
                    store(builder, vector, at)
            return target.get_dummy_value()

        where, word = types.int64, types.uint64
        return types.void(row, where, where, where, word, word, word), code

    return intrinsic(_meet)


def _over_squares(step: _Step, *, forward: bool) -> Any:
    """(row, place, powers, place, q): the last three steps of 64 words, or the first three backward."""

    def _meet(context: Any, row: Any, place: Any, powers: Any, start: Any, q: Any) -> Any:  # noqa: ARG001 - numba wants these names

        def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            base, table = (_base(target, builder, signature, arguments, n) for n in (0, 2))
            places = [builder.gep(base, [builder.add(arguments[1], ir.Constant(_WORD, n))]) for n in range(0, _SQUARE, WIDTH)]
            modulus = spread(builder, arguments[4], WIDTH)

            def power(number: int) -> tuple[Any, Any]:
                first, second = (builder.add(arguments[3], ir.Constant(_WORD, n * WIDTH)) for n in (2 * number, 2 * number + 1))
                return load(builder, builder.gep(table, [first]), WIDTH), load(builder, builder.gep(table, [second]), WIDTH)

            rows = transposed(builder, [load(builder, each, WIDTH) for each in places])
            for pairs, numbers in list(zip(_PAIRS, _POWERS, strict=True))[:: 1 if forward else -1]:
                for (one, other), number in zip(pairs, numbers, strict=True):
                    rows[one], rows[other] = step(builder, rows[one], rows[other], *power(number), modulus)
            for vector, at in zip(transposed(builder, rows), places, strict=True):
                store(builder, vector, at)
            return target.get_dummy_value()

        return types.void(row, types.int64, powers, types.int64, types.uint64), code

    return intrinsic(_meet)


def _reduce(context: Any, row: Any, place: Any, factor: Any, quotient: Any, q: Any) -> Any:  # noqa: ARG001 - numba wants these names
    """(row, place, factor, quotient, q): eight words become what they are times a factor, below q."""

    def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        at = builder.gep(_base(target, builder, signature, arguments, 0), [arguments[1]])
        factor, quotient, q = (spread(builder, each, WIDTH) for each in arguments[2:])
        times = turned(builder, load(builder, at, WIDTH), factor, quotient, q)
        store(builder, lesser(builder, lesser(builder, times, builder.add(q, q)), q), at)
        return target.get_dummy_value()

    return types.void(row, types.int64, types.uint64, types.uint64, types.uint64), code


def _odd(context: Any, row: Any, place: Any, odd: Any, out: Any, powers: Any, start: Any, q: Any) -> Any:  # noqa: ARG001 - numba wants these names
    """(row, place, odd, place, powers, place, q): differences of eight neighbours, times their powers."""

    def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        row, odd, powers = (_base(target, builder, signature, arguments, n) for n in (0, 2, 4))
        left, right = _parted(builder, builder.gep(row, [arguments[1]]))
        power, quotient = _parted(builder, builder.gep(powers, [arguments[5]]))
        _, found = _backward_step(builder, left, right, power, quotient, spread(builder, arguments[6], WIDTH))
        store(builder, found, builder.gep(odd, [arguments[3]]))
        return target.get_dummy_value()

    where = types.int64
    return types.void(row, where, odd, where, powers, where, types.uint64), code


def _parted(builder: Any, at: Any) -> tuple[Any, Any]:
    """Of sixteen words every other one, and the others."""
    first, second = (load(builder, builder.gep(at, [ir.Constant(_WORD, n)]), WIDTH) for n in (0, WIDTH))
    return chosen(builder, first, second, range(0, 2 * WIDTH, 2)), chosen(builder, first, second, range(1, 2 * WIDTH, 2))


_forward_half, _backward_half = cast(_Half, _over_halves(_forward_step)), cast(_Half, _over_halves(_backward_step))
_forward_square = cast(_Square, _over_squares(_forward_step, forward=True))
_backward_square = cast(_Square, _over_squares(_backward_step, forward=False))
_reduce_vector = cast(_Reduce, intrinsic(_reduce))
_odd_vector = cast(_Odd, intrinsic(_odd))


@compiled
def forward_rows(rows: Words, powers: Words, squares: Words, one: Words, q: np.uint64) -> None:
    """Coefficients below q become values below q. `one` is 1 and its quotient."""
    degree, fourfold = rows.shape[1], q << np.uint64(2)
    least = WIDTH if degree == len(powers) and len(squares) > 0 else 1
    for row in rows:
        groups, half = 1, degree // 2
        while groups < len(powers) and half >= least:
            whole = half - half % WIDTH
            for group in range(groups):
                power, quotient, start = powers[groups + group, 0], powers[groups + group, 1], 2 * group * half
                _forward_half(row, start, half, whole, power, quotient, q)
                for n in range(start + whole, start + half):
                    times = row[n + half] * power - multiply_high(row[n + half], quotient) * q
                    row[n], row[n + half] = row[n] + times, row[n] + fourfold - times
            groups, half = 2 * groups, half // 2
        if least > 1:
            for n in range(len(squares)):
                _forward_square(row, n * _SQUARE, squares, n * 2 * _POWERS_OF_A_SQUARE * WIDTH, q)
        _reduced(row, one, q)


@compiled
def backward_rows(rows: Words, powers: Words, squares: Words, scale: Words, q: np.uint64) -> None:
    """Values below 4q become coefficients times `scale`, which comes with its quotient, below q."""
    degree, fourfold = rows.shape[1], q << np.uint64(2)
    squared = degree == len(powers) and len(squares) > 0
    for row in rows:
        groups, half = len(powers) // 2, degree // len(powers)
        if squared:
            groups, half = groups // WIDTH, half * WIDTH
            for n in range(len(squares)):
                _backward_square(row, n * _SQUARE, squares, n * 2 * _POWERS_OF_A_SQUARE * WIDTH, q)
        while groups >= 1:
            whole = half - half % WIDTH
            for group in range(groups):
                power, quotient, start = powers[groups + group, 0], powers[groups + group, 1], 2 * group * half
                _backward_half(row, start, half, whole, power, quotient, q)
                for n in range(start + whole, start + half):
                    total, difference = row[n] + row[n + half], row[n] + fourfold - row[n + half]
                    row[n + half] = difference * power - multiply_high(difference, quotient) * q
                    row[n] = min(total, total - fourfold)
            groups, half = groups // 2, half * 2
        _reduced(row, scale, q)


@compiled
def odd_rows(rows: Words, odd: Words, powers: Words, q: np.uint64) -> None:
    """The first step backward, for odd coefficients alone: half as many values, below 4q as they were."""
    groups, fourfold = odd.shape[1], q << np.uint64(2)
    whole = groups - groups % WIDTH
    for row in range(len(rows)):
        for n in range(0, whole, WIDTH):
            _odd_vector(rows[row], 2 * n, odd[row], n, powers, 2 * (groups + n), q)
        for n in range(whole, groups):
            difference = rows[row, 2 * n] + fourfold - rows[row, 2 * n + 1]
            odd[row, n] = difference * powers[groups + n, 0] - multiply_high(difference, powers[groups + n, 1]) * q


@compiled
def _reduced(row: Words, factor: Words, q: np.uint64) -> None:
    whole = len(row) - len(row) % WIDTH
    for n in range(0, whole, WIDTH):
        _reduce_vector(row, n, factor[0], factor[1], q)
    for n in range(whole, len(row)):
        times = row[n] * factor[0] - multiply_high(row[n], factor[1]) * q
        row[n] = min(times, times - q)
