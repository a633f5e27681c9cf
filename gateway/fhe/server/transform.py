"""The number-theoretic transform modulo X^n + 1 and a prime q, by Harvey's butterflies with Shoup's multiplication.

Harvey, "Faster arithmetic for number-theoretic transforms", 2014: numbers stay below 4q until the end. It touches public data
only, so nothing here needs constant time. Values come out in bit-reversed order.
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


def tables(degree: int, modulus: int, root: int) -> Tables:
    """For a ring of this degree; `root` has order 2 * degree."""
    inverse = pow(root, -1, modulus)
    return Tables(
        np.uint64(modulus),
        _powers(root, degree, modulus),
        _powers(inverse, degree, modulus),
        _with_quotients([pow(degree, -1, modulus)], modulus)[0],
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
        while groups < degree:
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
        groups, half = degree >> np.uint64(1), np.uint64(1)
        while groups >= np.uint64(1):
            for group in range(groups):
                power, quotient = powers[groups + group, 0], powers[groups + group, 1]
                start = (group * half) << np.uint64(1)
                for n in range(start, start + half):
                    total, difference = a[n] + a[n + half], a[n] + twice - a[n + half]
                    a[n] = min(total, total - twice)
                    a[n + half] = difference * power - multiply_high(difference, quotient) * q
            groups, half = groups >> np.uint64(1), half << np.uint64(1)
        for n in range(degree):
            value = a[n] * scale[0] - multiply_high(a[n], scale[1]) * q
            a[n] = min(value, value - q)
