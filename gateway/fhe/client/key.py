"""One request's key. What is random or secret is Microsoft SEAL's: keys, errors, encryption, products with the secret.

SEAL's CKKS carries ciphertexts of ring-LWE here, and nothing else: its encoding of real numbers is not used, whole numbers
stand in the upper bits of coefficients, and what is decrypted is rounded to them. Its ciphertexts and plaintexts are values of
polynomials (`transform`), so transforms are done here. An error in these could make results wrong, which their noise would
show; what is sent is hidden by what SEAL adds, whatever it is added to.

SEAL's raw (uncompressed) serialisation ends with the numbers as 64-bit words, so arrays are passed by copying bytes behind a
head that SEAL itself wrote. SEAL validates what it loads.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import numpy as np
import seal
from numpy.typing import NDArray

from gateway.fhe.layout import Integers
from gateway.fhe.parameters import InsecureParameters, Parameters
from gateway.fhe.transform import backward_at, forward, root_of_unity, tables

Words = NDArray[np.uint64]
_WORD = np.dtype("<u8")
_RAW = seal.compr_mode_type.none


class Scheme:
    """SEAL's precomputations for one set of parameters, and ours. Holds no secret, and serves many keys."""

    def __init__(self, parameters: Parameters) -> None:
        """Raises InsecureParameters where SEAL does not see 128 bits of security either."""
        written = seal.EncryptionParameters(seal.scheme_type.ckks)
        written.set_poly_modulus_degree(parameters.degree)
        written.set_coeff_modulus([seal.Modulus(parameters.modulus)])
        self.context = seal.SEALContext(written, False, seal.sec_level_type.tc128)
        if not self.context.parameters_set():
            raise InsecureParameters("SEAL refuses these parameters")
        self.parameters = parameters
        self.transform = tables(parameters.degree, parameters.modulus, root_of_unity(2 * parameters.degree, parameters.modulus))
        self.nothing = seal.Plaintext()
        seal.CKKSEncoder(self.context).encode(0.0, 1.0, self.nothing)
        self._head = bytes(self.nothing.to_bytes(_RAW)[: -_WORD.itemsize * parameters.degree])

    def plaintext(self, values: Words, plain: seal.Plaintext) -> None:
        """Make `plain` hold these values below q."""
        plain.load_bytes(self.context, _written(self._head, values))

    def take(self, plain: seal.Plaintext, values: Words) -> None:
        """Move what it holds to `values`. SEAL writes it through buffers that it frees with what was in them, out of our reach:
        so zeros are written the same way at once, and take the memory that was freed.
        """
        written = np.frombuffer(plain.to_bytes(_RAW), _WORD, offset=len(self._head))
        values[:] = written
        ctypes.memset(written.ctypes.data, 0, written.nbytes)  # bytes cannot be written to, but these are nobody else's
        del written
        plain.set_zero()
        plain.to_bytes(_RAW)


class Key:
    """A fresh secret key, gone with this object. It is never written, shown or sent.

    SEAL clears its memory of the key. What was decrypted tells the key to whoever has the ciphertext too, so no copy of it is
    left behind here; the array that `decrypt` returns is the caller's to clear.
    """

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        secret = seal.KeyGenerator(scheme.context).secret_key()
        self._encryptor = seal.Encryptor(scheme.context, secret)
        self._decryptor = seal.Decryptor(scheme.context, secret)
        size = _WORD.itemsize * scheme.parameters.degree
        self._head = self._encryptor.encrypt_symmetric(scheme.nothing).to_string(_RAW)[: -2 * size]
        self._bodiless = self._head + bytes(size)

    def encrypt(self, messages: Words) -> Iterator[Words]:
        """Each polynomial (at most degree, coefficients below q) becomes a ciphertext (2, degree) of values below q, when it is
        asked for.
        """
        scheme, degree = self._scheme, self._scheme.parameters.degree
        values = np.zeros((len(messages), degree), dtype=np.uint64)
        values[:, : messages.shape[1]] = messages
        forward(values, scheme.transform)
        plain, ciphertext = seal.Plaintext(), seal.Ciphertext()
        for each in values:
            scheme.plaintext(each, plain)
            self._encryptor.encrypt_symmetric(plain, ciphertext)
            yield np.frombuffer(ciphertext.to_string(_RAW), _WORD, offset=len(self._head)).reshape(2, degree)

    def decrypt(self, bodies: Words, masks: Words, places: NDArray[np.int64]) -> Integers:
        """Of ciphertexts, c0 at these places (count, places) and c1 (count, degree), all coefficients below q: what they hold
        there with its noise, between -q/2 and q/2. The caller checks the noise, and clears it. `masks` are used up.

        SEAL decrypts c1 with a c0 of zero; what stands in c0 is added to the coefficients that are wanted.
        """
        scheme, modulus = self._scheme, self._scheme.parameters.modulus
        forward(masks, scheme.transform)
        ciphertext, plain = seal.Ciphertext(), seal.Plaintext()
        for mask in masks:
            ciphertext.load_bytes(scheme.context, _written(self._bodiless, mask))
            self._decryptor.decrypt(ciphertext, plain)
            scheme.take(plain, mask)
        found = backward_at(masks, scheme.transform, places)
        masks.fill(0)
        found += bodies
        sums = found.view(np.int64)
        sums -= modulus * (sums >= modulus)
        sums -= modulus * (sums > modulus // 2)
        return sums


def _written(head: bytes, words: Words) -> bytes:
    return b"".join((head, words.astype(_WORD, order="C", copy=False).data))
