from __future__ import annotations

import pytest

from gateway.fhe.client.key import Scheme
from gateway.fhe.parameters import InsecureParameters, Parameters


@pytest.mark.parametrize(
    ("degree", "modulus"),
    [
        (1024, Parameters().modulus),  # half the dimension for the same modulus
        (2048, (1 << 55) + 1),
        (2048, 2**109),
        (3000, 12289),
        (0, 5),
    ],
)
def test_less_than_128_bits_are_refused(degree: int, modulus: int) -> None:
    with pytest.raises(InsecureParameters):
        Parameters(degree, modulus)


def test_the_kernels_need_a_modulus_with_roots_of_unity() -> None:
    with pytest.raises(InsecureParameters):
        Parameters(2048, (1 << 53) - 1)


def test_seal_sees_128_bits_too_and_refuses_a_modulus_that_is_not_prime() -> None:
    assert Scheme(Parameters()).context.parameters_set()
    with pytest.raises((InsecureParameters, ValueError)):
        Scheme(Parameters(2048, 4097))  # 17 * 241
