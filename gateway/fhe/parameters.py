"""The encryption's parameters, and the one table that says which of them are secure. Pure.

Ring-LWE (Lyubashevsky, Peikert and Regev 2010) over Z_q[X]/(X^n + 1) with a ternary secret and SEAL's centred binomial error
(standard deviation 3.24). Whole numbers stand in the upper bits of coefficients, as in BFV (Brakerski 2012; Fan and Vercauteren
2012). Security: Albrecht et al., Homomorphic Encryption Security Standard, HomomorphicEncryption.org, November 2018, table 1:
classical attacks, ternary secret, 128 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

_MOST_MODULUS_BITS = {1024: 27, 2048: 54, 4096: 109, 8192: 218, 16384: 438, 32768: 881}
_MOST_BITS_OF_A_WORD = 55
"""The kernels add up 256 products of halves of such words, and no sum may exceed 2^64."""


class InsecureParameters(ValueError):
    """Parameters with less than 128 bits of security, or that no table vouches for."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """`degree` is n, `modulus` the prime q; both are public. Raises InsecureParameters below 128 bits."""

    degree: int = 2048
    modulus: int = 18014398509404161

    def __post_init__(self) -> None:
        if self.modulus.bit_length() > _MOST_MODULUS_BITS.get(self.degree, 0):
            raise InsecureParameters("these parameters have less than 128 bits of security")
        if self.modulus.bit_length() > _MOST_BITS_OF_A_WORD or self.modulus % (2 * self.degree) != 1:
            raise InsecureParameters("the modulus must be a prime of at most 55 bits that is 1 modulo twice the degree")

    @property
    def bits(self) -> int:
        """Bits of a coefficient."""
        return self.modulus.bit_length()


ERROR_PROXY = 10.5
"""Variance proxy (sub-Gaussian) of one error coefficient: 21 differences of two fair bits, each with proxy 1/2."""
