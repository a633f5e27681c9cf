"""Sealed bytes: AES-256-GCM with a random nonce (NIST SP 800-38D), bound to the place they were sealed for. Pure.

    version, 1 byte | nonce, 12 bytes | ciphertext | tag, 16 bytes

The version and the context are authenticated beside the ciphertext: what is moved to another place does not open there.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import Unreadable

KEY_BYTES = 32

_VERSION = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_DOMAIN = b"privacy-gateway/sealed/1\x00"
_SHORTEST = len(_VERSION) + _NONCE_BYTES + _TAG_BYTES


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plain: bytes, context: str) -> bytes:
    """Sealed for this context. `key` is 32 bytes; 29 bytes longer than `plain`."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + _cipher(key).encrypt(nonce, plain, _bound(context))


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """What was sealed. Raises Unreadable for another key or context, and for bytes that were changed."""
    if len(sealed) < _SHORTEST or sealed[:1] != _VERSION:
        raise Unreadable("Sealed content is not in a form that this version knows.")
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return _cipher(key).decrypt(nonce, body, _bound(context))
    except InvalidTag:
        raise Unreadable("Sealed content does not open with its key.") from None


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise Unreadable("A key has the wrong length.")
    return AESGCM(key)


def _bound(context: str) -> bytes:
    return _DOMAIN + context.encode()
