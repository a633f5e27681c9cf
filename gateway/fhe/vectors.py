"""Vectors of words in LLVM's own terms, for the loops where numba finds none: they compile to whatever the processor has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llvmlite import ir

_WORD, _INDEX = ir.IntType(64), ir.IntType(32)
_LOW, _HALF = 0xFFFF_FFFF, 32


def everywhere(number: int, like: Any) -> Any:
    """A vector of this number, as long as another one."""
    return ir.Constant(like.type, [number] * like.type.count)


def load(builder: Any, at: Any, width: int) -> Any:
    """So many words from an address on."""
    return builder.load(builder.bitcast(at, _vector(width).as_pointer()), align=8)


def store(builder: Any, vector: Any, at: Any) -> None:
    """To an address."""
    builder.store(vector, builder.bitcast(at, vector.type.as_pointer()), align=8)


def spread(builder: Any, word: Any, width: int) -> Any:
    """A vector of this word."""
    nothing = ir.Constant(_vector(width), ir.Undefined)
    return chosen(builder, builder.insert_element(nothing, word, ir.Constant(_INDEX, 0)), nothing, [0] * width)


def chosen(builder: Any, first: Any, second: Any, places: Iterable[int]) -> Any:
    """Words at some places of two vectors, one behind the other."""
    numbers = list(places)
    return builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(_INDEX, len(numbers)), numbers))


def halves(builder: Any, vector: Any) -> tuple[Any, Any]:
    """The lower and the upper 32 bits of each word."""
    return builder.and_(vector, everywhere(_LOW, vector)), builder.lshr(vector, everywhere(_HALF, vector))


def lesser(builder: Any, vector: Any, bound: Any) -> Any:
    """Of x and x - bound, which wraps around where x is below it, the lesser: no branch."""
    below = builder.sub(vector, bound)
    return builder.select(builder.icmp_unsigned("<", vector, below), vector, below)


def turned(builder: Any, vector: Any, power: Any, quotient: Any, modulus: Any) -> Any:
    """Any words times `power` modulo q, below 4q: Shoup's multiplication, with quotient = floor(power * 2^64 / q).

    The product's upper word is added up from three of its four parts, and so at most 2 short, which the result is 2q too large
    for.
    """
    (low, high), (low_quotient, high_quotient) = halves(builder, vector), halves(builder, quotient)
    crossed = [
        builder.lshr(builder.mul(*pair), everywhere(_HALF, vector)) for pair in ((high, low_quotient), (low, high_quotient))
    ]
    times = builder.add(builder.mul(high, high_quotient), builder.add(*crossed))
    return builder.sub(builder.mul(vector, power), builder.mul(times, modulus))


def transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """As many vectors as each has words, a power of two: columns become rows, by exchanging ever larger blocks."""
    turned_round, size, step = list(rows), len(rows), 1
    while step < size:
        above = [place if not place & step else size + place - step for place in range(size)]
        below = [place + step if not place & step else size + place for place in range(size)]
        for n in (each for each in range(size) if not each & step):
            pair = turned_round[n], turned_round[n + step]
            turned_round[n], turned_round[n + step] = chosen(builder, *pair, above), chosen(builder, *pair, below)
        step *= 2
    return turned_round


def _vector(width: int) -> Any:
    return ir.VectorType(_WORD, width)
