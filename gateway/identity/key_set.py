"""The public keys that an issuer publishes (RFC 7517), and the one that a token was signed with. Pure."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any, TypeAlias

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

MAX_BYTES = 256 * 1024
_MAX_KEYS = 100
_RSA_BITS = range(2_048, 8_193)
_TYPES = ("RSA", "EC", "OKP")

PublicKey: TypeAlias = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True)
class KeySet:
    """An issuer's usable keys: public, asymmetric, strong enough, meant for signatures."""

    keys: tuple[PublicKey, ...]

    def find(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """The one key that this token can have been signed with; without a kid there must be only one key at all."""
        named = self.keys if kid is None else [key for key in self.keys if key.get("kid") == kid]
        fitting = [key for key in named if _fits(key, algorithm)]
        alone = len(fitting) == 1 and (kid is not None or len(self.keys) == 1)
        return fitting[0] if alone else None


def parse_key_set(raw: bytes) -> KeySet:
    """Raises ValueError if this is no key set or has no usable key. Keys that cannot be used are left out."""
    if len(raw) > MAX_BYTES:
        raise ValueError("too large")
    try:
        document = json.loads(raw)
    except RecursionError:
        raise ValueError("too deep") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > _MAX_KEYS:
        raise ValueError("not a key set")
    keys = tuple(key for key in map(_imported, entries) if key is not None)
    if not keys:
        raise ValueError("no usable key")
    return KeySet(keys)


def algorithm_of(name: str) -> Any:
    """joserfc's algorithm. EdDSA, the older name (RFC 9864), means Ed25519 here: never whatever curve a key has."""
    return JWSRegistry.algorithms["Ed25519" if name == "EdDSA" else name]


def _imported(entry: object) -> PublicKey | None:
    if not isinstance(entry, dict) or not _wanted(entry):
        return None
    try:
        key = JWKRegistry.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def _wanted(entry: dict[str, Any]) -> bool:
    """No shared secrets, no key whose private half was published, none for encryption, no weak or monstrous RSA key."""
    if entry.get("kty") not in _TYPES or "d" in entry or entry.get("use", "sig") != "sig":
        return False
    if "kid" in entry and not isinstance(entry["kid"], str):
        return False
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return False
    return entry["kty"] != "RSA" or _bits(entry.get("n")) in _RSA_BITS


def _bits(modulus: object) -> int:
    if not isinstance(modulus, str):
        return 0
    try:
        return int.from_bytes(urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))).bit_length()
    except ValueError:
        return 0


def _fits(key: PublicKey, algorithm: str) -> bool:
    """Whether the key's type, curve and own `alg` allow the algorithm: a token cannot choose."""
    if key.get("alg", algorithm) not in (algorithm, algorithm_of(algorithm).name):
        return False
    try:
        algorithm_of(algorithm).check_key(key)
    except JoseError:
        return False
    return True
