"""One request's key. Keys, encryption and decryption are Microsoft SEAL's; here only its serialised bytes are read and written.

SEAL's raw (uncompressed) serialisation ends with the coefficients as 64-bit words, so arrays are passed by copying bytes behind
a head that SEAL itself wrote. SEAL validates what it loads.
"""

from __future__ import annotations

import numpy as np
import seal
from numpy.typing import NDArray

from gateway.fhe.parameters import PLAIN_BITS, InsecureParameters, Parameters

Words = NDArray[np.uint64]
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
        """A plaintext with these coefficients below 2^48."""
        plain = seal.Plaintext()
        plain.load_bytes(self.context, head + coefficients.astype("<u8", copy=False).tobytes())
        return plain


class Key:
    """A fresh secret key, gone with this object. It is never written, shown or sent."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        secret = seal.KeyGenerator(scheme.context).secret_key()
        self._encryptor = seal.Encryptor(scheme.context, secret)
        self._decryptor = seal.Decryptor(scheme.context, secret)
        degree = scheme.parameters.degree
        self._plain_head = seal.Plaintext(degree).to_bytes(_RAW)[: -8 * degree]
        self._cipher_head = self._encryptor.encrypt_symmetric(seal.Plaintext("1")).to_string(_RAW)[: -16 * degree]

    def encrypt(self, plaintexts: Words) -> Words:
        """(blocks, degree) below 2^48 become (blocks, 2, degree) below q."""
        degree = self._scheme.parameters.degree
        encrypted = np.empty((len(plaintexts), 2, degree), dtype=np.uint64)
        ciphertext = seal.Ciphertext()
        for row, plaintext in enumerate(plaintexts):
            self._encryptor.encrypt_symmetric(self._scheme.plaintext(plaintext, self._plain_head), ciphertext)
            raw = ciphertext.to_string(_RAW)
            encrypted[row] = np.frombuffer(raw, dtype="<u8", offset=len(raw) - 16 * degree).reshape(2, degree)
        return encrypted

    def decrypt(self, ciphertexts: Words) -> Words:
        """(tiles, 2, degree) below q become (tiles, degree) below 2^48, whatever they hold: the caller checks the noise."""
        degree = self._scheme.parameters.degree
        decrypted = np.zeros((len(ciphertexts), degree), dtype=np.uint64)
        ciphertext, plain = seal.Ciphertext(), seal.Plaintext()
        for row, each in enumerate(ciphertexts):
            ciphertext.load_bytes(self._scheme.context, self._cipher_head + each.astype("<u8", copy=False).tobytes())
            self._decryptor.decrypt(ciphertext, plain)
            count = plain.coeff_count()  # SEAL leaves out leading zeros
            decrypted[row, :count] = np.frombuffer(plain.to_bytes(_RAW)[-8 * count :], dtype="<u8") if count else 0
        return decrypted
