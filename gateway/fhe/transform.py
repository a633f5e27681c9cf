"""The number-theoretic transform modulo X^n + 1 and a prime q, by Harvey's butterflies with Shoup's multiplication.

Harvey, "Faster arithmetic for number-theoretic transforms", 2014. Values come out in bit-reversed order, as SEAL has them.

With tables for a smaller degree m than a row is long, n = m l, the transform stops after log2(m) steps: a row then holds m
polynomials of l coefficients, one after the other, which is all that multiplying by polynomials in X^l needs. It is also how l
polynomials of degree m are transformed at once, whose coefficients of one power lie next to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.fhe.butterflies import backward_rows, forward_rows, odd_rows, square_powers
from gateway.fhe.kernels import Words


@dataclass(frozen=True, slots=True)
class Powers:
    """Powers of a root (n, 2), each with floor(power * 2^64 / q); the same for steps that are done in registers; and what
    everything is multiplied by in the end.
    """

    each: Words = field(repr=False)
    squares: Words = field(repr=False)
    factor: Words = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tables:
    """For a ring of degree n: powers of a root of unity of order 2n, and of its inverse."""

    modulus: np.uint64
    forward: Powers
    backward: Powers


def tables(degree: int, modulus: int, root: int) -> Tables:
    """For a ring of this degree; `root` has order 2 * degree."""
    inverse, scale = pow(root, -1, modulus), pow(degree, -1, modulus)
    return Tables(np.uint64(modulus), _powers(root, degree, modulus, 1), _powers(inverse, degree, modulus, scale))


def root_of_unity(order: int, modulus: int) -> int:
    """The least number whose powers return to 1 after exactly `order` (a power of two) steps: the one that SEAL takes."""
    candidates = (pow(base, (modulus - 1) // order, modulus) for base in range(2, modulus))
    found = next(each for each in candidates if pow(each, order // 2, modulus) == modulus - 1)
    return min(pow(found, odd, modulus) for odd in range(1, order, 2))


def forward(polynomials: Words, table: Tables) -> None:
    """Each row in place: coefficients below q become values below q. Raises ValueError for gaps and for other words."""
    powers = table.forward
    _check(polynomials)
    forward_rows(polynomials, powers.each, powers.squares, powers.factor, table.modulus)


def backward(polynomials: Words, table: Tables) -> None:
    """Each row in place: values below 4q become coefficients below q. Raises ValueError for gaps and for other words."""
    powers = table.backward
    _check(polynomials)
    backward_rows(polynomials, powers.each, powers.squares, powers.factor, table.modulus)


def backward_at(polynomials: Words, table: Tables, places: NDArray[np.int64]) -> Words:
    """Of each row's coefficients those at some places: (rows, places). The rows stay, values below 4q; no copy of others is
    left in memory, since a client's may tell its key.

    The first steps of the transform divide coefficients into even and odd ones. Where all places are odd, those before the last
    of every two, four and so on, the others go no further.
    """
    step = int(np.gcd.reduce(places + 1))
    step &= -step
    wanted, powers = (places + 1) // step - 1, table.backward
    _check(polynomials)
    if step == 1:
        kept = polynomials.copy()
        backward(kept, table)
        return _taken(kept, wanted)
    kept = polynomials
    while step > 1:
        odd = np.empty((len(kept), kept.shape[1] // 2), dtype=np.uint64)
        odd_rows(kept, odd, powers.each, table.modulus)
        if kept is not polynomials:
            kept.fill(0)
        kept, step = odd, step // 2
    backward_rows(kept, powers.each[: kept.shape[1]], powers.squares[:0], powers.factor, table.modulus)
    return _taken(kept, wanted)


def _taken(rows: Words, places: NDArray[np.int64]) -> Words:
    found = rows.take(places, axis=1)
    rows.fill(0)
    return found


def _check(rows: Words) -> None:
    if rows.dtype != np.uint64 or not rows.flags.c_contiguous:  # the loops go by addresses
        raise ValueError("rows must be words of 64 bits, one after another in memory")


def _powers(root: int, degree: int, modulus: int, factor: int) -> Powers:
    width = degree.bit_length() - 1
    reversed_bits = [int(format(n, f"0{width}b")[::-1], 2) if width else 0 for n in range(degree)]
    each = with_quotients([pow(root, n, modulus) for n in reversed_bits], modulus)
    return Powers(each, square_powers(each), with_quotients([factor], modulus)[0])


def with_quotients(numbers: list[int], modulus: int) -> Words:
    """Numbers below q, each with floor(number * 2^64 / q): (numbers, 2)."""
    return np.array([(number, (number << 64) // modulus) for number in numbers], dtype=np.uint64)
