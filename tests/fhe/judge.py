"""SEAL's own transform, to compare ours with. Its CKKS has no polynomials of whole numbers; its BFV does, over the same ring."""

from __future__ import annotations

import numpy as np
import seal
from numpy.typing import NDArray

from gateway.fhe.parameters import Parameters

_RAW = seal.compr_mode_type.none
_BITS = 48
"""Of the numbers that are transformed, sign included."""


def whole_numbers(parameters: Parameters) -> seal.SEALContext:
    """A context for `seal_values`."""
    written = seal.EncryptionParameters(seal.scheme_type.bfv)
    written.set_poly_modulus_degree(parameters.degree)
    written.set_coeff_modulus([seal.Modulus(parameters.modulus)])
    written.set_plain_modulus(2**_BITS)
    return seal.SEALContext(written, False, seal.sec_level_type.tc128)


def seal_values(polynomial: NDArray[np.int64], context: seal.SEALContext) -> NDArray[np.uint64]:
    """A polynomial with coefficients below 2^47 either way, transformed by SEAL."""
    count = len(polynomial)
    head = seal.Plaintext(count).to_bytes(_RAW)[: -8 * count]
    plain = seal.Plaintext()
    plain.load_bytes(context, head + (polynomial % 2**_BITS).astype("<u8").tobytes())
    seal.Evaluator(context).transform_to_ntt_inplace(plain, context.first_parms_id())
    return np.frombuffer(plain.to_bytes(_RAW)[-8 * count :], dtype="<u8")
