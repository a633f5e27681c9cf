"""The key that signs checkpoints: a file of its own in the state folder, its owner's alone, in the key form of signed notes.

While the key is being replaced the file holds two lines: the new key, and the old one, which still has to sign the new one's
first checkpoint. https://c2sp.org/signed-note says how keys, ids and signatures are written.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.audit.verify import ED25519, VerifierKey, key_id
from gateway.errors import AuditUnavailable
from gateway.private_file import NotPrivateError, read_private, write_private

_PREFIX = "PRIVATE+KEY+"
_MAX_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key under the name of the log whose checkpoints it signs."""

    name: str
    secret: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> VerifierKey:
        raw = self.secret.public_key().public_bytes_raw()
        return VerifierKey(self.name, key_id(self.name, raw), raw)

    def line(self, text: str) -> str:
        """The signature line of a note with this text."""
        return signature_line(self.name, self.public.id + self.secret.sign(text.encode()))


@dataclass(frozen=True, slots=True)
class Keys:
    """The key in charge, and the one that it replaces, until that one has signed the handover."""

    current: SigningKey
    previous: SigningKey | None = None


def new_key(name: str) -> SigningKey:
    return SigningKey(name, Ed25519PrivateKey.generate())


def signature_line(name: str, signature: bytes) -> str:
    """As a note holds it; the key's id, of four bytes, goes before the signature itself."""
    return f"\u2014 {name} {base64.b64encode(signature).decode()}\n"


def verify_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """The same answer as the auditor's program gives, in a fraction of the time."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class KeyFile:
    """Read at each use, so that a running gateway follows a rotation. Raises AuditUnavailable."""

    def __init__(self, path: Path, origin: str) -> None:
        """`origin` names the log when its first key is made; later keys take the name over."""
        self._path = path
        self._origin = origin

    @property
    def path(self) -> Path:
        return self._path

    def load(self) -> Keys:
        """The keys in the file, which is made when there is none."""
        try:
            if not self._path.exists():
                write_private(self._path, _text(Keys(new_key(self._origin))), replace=False)
            return _parsed(read_private(self._path, _MAX_BYTES).decode("utf-8", "replace"))
        except NotPrivateError as error:
            raise AuditUnavailable(f"The signing key {self._path} {error}.") from None
        except OSError as error:
            raise AuditUnavailable(f"The signing key {self._path} cannot be used: {error.strerror}.") from None

    def replace(self, keys: Keys) -> None:
        """From now on these keys, and no others, are in the file: in one step, whatever happens."""
        try:
            write_private(self._path, _text(keys), replace=True)
        except OSError as error:
            raise AuditUnavailable(f"The signing key {self._path} cannot be replaced: {error.strerror}.") from None


def _text(keys: Keys) -> bytes:
    return "".join(f"{_line(key)}\n" for key in (keys.current, keys.previous) if key is not None).encode()


def _line(key: SigningKey) -> str:
    raw = ED25519 + key.secret.private_bytes_raw()
    return f"{_PREFIX}{key.name}+{key.public.id.hex()}+{base64.b64encode(raw).decode()}"


def _parsed(text: str) -> Keys:
    lines = text.splitlines()
    if not 1 <= len(lines) <= 2:
        raise _unusable()
    found = [_key(line) for line in lines]
    return Keys(*found)


def _key(line: str) -> SigningKey:
    name, _, rest = line.removeprefix(_PREFIX).partition("+")
    hex_id, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
        key = SigningKey(name, Ed25519PrivateKey.from_private_bytes(raw[1:]))
    except ValueError:
        raise _unusable() from None
    if not line.startswith(_PREFIX) or not name or raw[:1] != ED25519 or key.public.id.hex() != hex_id:
        raise _unusable()
    return key


def _unusable() -> AuditUnavailable:
    return AuditUnavailable("The file of the signing key holds something else.")
