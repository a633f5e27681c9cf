"""From one key many, each for one purpose: what one of them reveals says nothing about another. Pure."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from gateway.keys.envelope import KEY_BYTES

_DOMAIN = b"privacy-gateway/sub-key/1\x00"


def sub_key(key: bytes, purpose: str) -> bytes:
    """32 bytes: HKDF-Expand with SHA-256 (RFC 5869, 2.3; the key is uniformly random, so it needs no extraction)."""
    return HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=_DOMAIN + purpose.encode()).derive(key)
