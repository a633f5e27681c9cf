"""The number-theoretic transform modulo X^n + 1 and a prime q, by Harvey's butterflies with Shoup's multiplication.

Harvey, "Faster arithmetic for number-theoretic transforms", 2014: numbers stay below 4q until the end. It touches public data
only, so nothing here needs constant time. Values come out in bit-reversed order.

With tables for a smaller degree m than a row is long, n = m l, the transform stops after log2(m) steps: a row then holds m
polynomials of l coefficients, one after the other, which is all that multiplying by polynomials in X^l needs. It is also how l
polynomials of degree m are transformed at once, whose coefficients of one power lie next to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gateway.fhe.kernels import Words, compiled, multiply_high


@dataclass(frozen=True, slots=True)
class Tables:
    """Powers of a root of unity of order 2n, each with floor(power * 2^64 / q)."""

    modulus: np.uint64
    forward: Words = field(repr=False)
    backward: Words = field(repr=False)
    scale: Words = field(repr=False)


def tables(degree: int, modulus: int, root: int, factor: int = 1) -> Tables:
    """For a ring of this degree; `root` has order 2 * degree. The inverse transform multiplies by `factor` on its way."""
    inverse = pow(root, -1, modulus)
    return Tables(
        np.uint64(modulus),
        _powers(root, degree, modulus),
        _powers(inverse, degree, modulus),
        _with_quotients([pow(degree, -1, modulus) * factor % modulus], modulus)[0],
    )


def root_of_unity(order: int, modulus: int) -> int:
    """A number whose powers return to 1 after exactly `order` (a power of two) steps."""
    candidates = (pow(base, (modulus - 1) // order, modulus) for base in range(2, modulus))
    return next(each for each in candidates if pow(each, order // 2, modulus) == modulus - 1)


def forward(polynomials: Words, table: Tables) -> None:
    """Each row in place: coefficients below q become values below q."""
    _forward(polynomials, table.forward, table.modulus)


def backward(polynomials: Words, table: Tables) -> None:
    """Each row in place: values below q become coefficients below q."""
    _backward(polynomials, table.backward, table.scale, table.modulus)


def backward_last(polynomials: Words, table: Tables, step: int) -> Words:
    """Of each row's coefficients only those at step - 1, 2 step - 1 and so on; `step` is a power of two.

    The first steps of the transform divide coefficients into even and odd ones, and what is not wanted goes no further.
    """
    kept = polynomials
    while step > 1:
        odd = np.empty((len(kept), kept.shape[1] // 2), dtype=np.uint64)
        _backward_odd(kept, odd, table.backward, table.modulus)
        kept, step = odd, step // 2
    if kept is polynomials:
        kept = kept.copy()
    _backward(kept, table.backward[: kept.shape[1]], table.scale, table.modulus)
    return kept


def _powers(root: int, degree: int, modulus: int) -> Words:
    width = degree.bit_length() - 1
    reversed_bits = [int(format(n, f"0{width}b")[::-1], 2) if width else 0 for n in range(degree)]
    return _with_quotients([pow(root, n, modulus) for n in reversed_bits], modulus)


def _with_quotients(numbers: list[int], modulus: int) -> Words:
    return np.array([(number, (number << 64) // modulus) for number in numbers], dtype=np.uint64)


# Indices are unsigned: for signed ones numba would ask each time whether they count from the end. And the lesser of `x` and
# `x - q`, which wraps around where x < q, is x modulo q without a branch. Together that is twice as quick.


@compiled
def _forward(polynomials: Words, powers: Words, q: np.uint64) -> None:
    degree = np.uint64(polynomials.shape[1])
    twice = q + q
    for row in range(polynomials.shape[0]):
        a = polynomials[row]
        groups, half = np.uint64(1), degree >> np.uint64(1)
        while groups < np.uint64(len(powers)):
            for group in range(groups):
                power, quotient = powers[groups + group, 0], powers[groups + group, 1]
                start = (group * half) << np.uint64(1)
                for n in range(start, start + half):
                    left, right = min(a[n], a[n] - twice), a[n + half]
                    turned = right * power - multiply_high(right, quotient) * q
                    a[n] = left + turned
                    a[n + half] = left + twice - turned
            groups, half = groups << np.uint64(1), half >> np.uint64(1)
        for n in range(degree):
            value = min(a[n], a[n] - twice)
            a[n] = min(value, value - q)


@compiled
def _backward(polynomials: Words, powers: Words, scale: Words, q: np.uint64) -> None:
    degree = np.uint64(polynomials.shape[1])
    twice = q + q
    for row in range(polynomials.shape[0]):
        a = polynomials[row]
        groups, half = np.uint64(len(powers)) >> np.uint64(1), degree // np.uint64(len(powers))
        while groups >= np.uint64(1):
            for group in range(groups):
                power, quotient = powers[groups + group, 0], powers[groups + group, 1]
                start = (group * half) << np.uint64(1)
                for n in range(start, start + half):
                    left, right = a[n], a[n + half]
                    total, difference = left + right, left + twice - right
                    a[n + half] = difference * power - multiply_high(difference, quotient) * q
                    a[n] = min(total, total - twice)
            groups, half = groups >> np.uint64(1), half << np.uint64(1)
        for n in range(degree):
            value = a[n] * scale[0] - multiply_high(a[n], scale[1]) * q
            a[n] = min(value, value - q)


@compiled
def _backward_odd(polynomials: Words, odd: Words, powers: Words, q: np.uint64) -> None:
    twice = q + q
    groups = np.uint64(odd.shape[1])
    for row in range(polynomials.shape[0]):
        for group in range(groups):
            first = group << np.uint64(1)
            difference = polynomials[row, first] + twice - polynomials[row, first + np.uint64(1)]
            power, quotient = powers[groups + group, 0], powers[groups + group, 1]
            odd[row, group] = difference * power - multiply_high(difference, quotient) * q
