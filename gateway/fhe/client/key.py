"""One request's key. Keys, encryption and decryption are Microsoft SEAL's; here only its serialised bytes are read and written.

SEAL's raw (uncompressed) serialisation ends with the coefficients as 64-bit words, so arrays are passed by copying bytes behind
a head that SEAL itself wrote. SEAL validates what it loads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import seal
from numpy.typing import NDArray

from gateway.fhe.parameters import PLAIN_BITS, InsecureParameters, Parameters

Words = NDArray[np.uint64]
_WORD = np.dtype("<u8")
_RAW = seal.compr_mode_type.none


class Scheme:
    """SEAL's precomputations for one set of parameters. Holds no secret, and serves many keys."""

    def __init__(self, parameters: Parameters) -> None:
        """Raises InsecureParameters where SEAL does not see 128 bits of security either."""
        written = seal.EncryptionParameters(seal.scheme_type.bfv)
        written.set_poly_modulus_degree(parameters.degree)
        written.set_coeff_modulus([seal.Modulus(parameters.modulus)])
        written.set_plain_modulus(2**PLAIN_BITS)
        self.context = seal.SEALContext(written, False, seal.sec_level_type.tc128)
        if not self.context.parameters_set():
            raise InsecureParameters("SEAL refuses these parameters")
        self.parameters = parameters

    def plaintext(self, coefficients: Words, head: bytes) -> seal.Plaintext:
        """A plaintext with these coefficients below 2^48, behind a head that SEAL wrote for as many."""
        plain = seal.Plaintext()
        plain.load_bytes(self.context, _written(head, coefficients))
        return plain


class Key:
    """A fresh secret key, gone with this object. It is never written, shown or sent."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        secret = seal.KeyGenerator(scheme.context).secret_key()
        self._encryptor = seal.Encryptor(scheme.context, secret)
        self._decryptor = seal.Decryptor(scheme.context, secret)
        degree = scheme.parameters.degree
        self._cipher_head = self._encryptor.encrypt_symmetric(seal.Plaintext("1")).to_string(_RAW)[: -16 * degree]

    def encrypt(self, plaintexts: Words) -> Iterator[Words]:
        """Each plaintext (at most degree, coefficients below 2^48) becomes a ciphertext (2, degree) below q, when it is asked
        for.
        """
        degree, head = self._scheme.parameters.degree, plain_head(plaintexts.shape[1])
        ciphertext, start = seal.Ciphertext(), len(self._cipher_head)
        for plaintext in plaintexts:
            self._encryptor.encrypt_symmetric(self._scheme.plaintext(plaintext, head), ciphertext)
            yield np.frombuffer(ciphertext.to_string(_RAW), _WORD, offset=start).reshape(2, degree)

    def decrypt(self, ciphertexts: Iterable[Words], places: NDArray[np.int64]) -> Words:
        """Of each ciphertext (2, degree) below q the coefficients at these places, below 2^48, whatever they hold: the caller
        checks the noise.
        """
        ciphertext, plain = seal.Ciphertext(), seal.Plaintext()
        degree, start = self._scheme.parameters.degree, len(plain_head(1))
        decrypted = list[Words]()
        for each in ciphertexts:
            ciphertext.load_bytes(self._scheme.context, _written(self._cipher_head, each))
            self._decryptor.decrypt(ciphertext, plain)
            found = np.frombuffer(plain.to_bytes(_RAW), _WORD, offset=start)
            if len(found) < degree:  # SEAL leaves out leading zeros
                found = np.pad(found, (0, degree - len(found)))
            decrypted.append(found.take(places))
        return np.stack(decrypted)


def plain_head(count: int) -> bytes:
    """What SEAL writes before the coefficients of a plaintext that has so many."""
    return bytes(seal.Plaintext(count).to_bytes(_RAW)[: -8 * count])


def _written(head: bytes, words: Words) -> bytes:
    return b"".join((head, words.astype(_WORD, order="C", copy=False).data))
