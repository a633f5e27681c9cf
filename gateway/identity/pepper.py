"""The gateway's secret: one random text, and a separate sub-key for each purpose it serves.

It makes stored key digests useless to whoever copies only the database. Losing it voids every virtual key.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import ProtectionUnavailable
from gateway.private_file import NotPrivateError, read_private, write_private

SECRET_VARIABLE = "GATEWAY_SECRET"  # noqa: S105  the variable's name

_MIN_BYTES = 32
_MAX_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Pepper:
    """The secret, used only through sub-keys: what one purpose reveals says nothing about another."""

    secret: bytes = field(repr=False)
    _keys: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def key_for(self, purpose: str) -> bytes:
        """32 bytes for this purpose: HMAC-SHA256 as the pseudo-random function of NIST SP 800-108r1."""
        key = self._keys.get(purpose)
        if key is None:  # made once: every request asks for one
            key = self._keys[purpose] = hmac.digest(self.secret, purpose.encode(), "sha256")
        return key


def load_pepper(path: Path, environ: Mapping[str, str]) -> Pepper:
    """From `GATEWAY_SECRET` if set, else from the file, which is created if absent. Raises ProtectionUnavailable.

    White space around the text does not count, so a variable and a file with a final line break are the same secret.
    """
    written = environ.get(SECRET_VARIABLE)
    if written is not None:
        return _pepper(written.encode("utf-8", "surrogateescape"), f"the variable {SECRET_VARIABLE}")
    try:
        if not path.exists():
            write_private(path, secrets.token_urlsafe(_MIN_BYTES).encode() + b"\n", replace=False)
        return _pepper(read_private(path, _MAX_BYTES + 2), f"the file {path}")
    except NotPrivateError as error:
        raise ProtectionUnavailable(f"the gateway secret {path} {error}") from None
    except OSError as error:
        raise ProtectionUnavailable(f"the gateway secret {path} cannot be used: {error.strerror}") from None


def _pepper(raw: bytes, where: str) -> Pepper:
    secret = raw.strip()
    if not _MIN_BYTES <= len(secret) <= _MAX_BYTES:
        raise ProtectionUnavailable(f"{where} must hold a secret of {_MIN_BYTES} to {_MAX_BYTES} bytes")
    return Pepper(secret)
