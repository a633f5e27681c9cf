"""The gateway's secret: one random text, and a separate sub-key for each purpose it serves.

It makes stored key digests useless to whoever copies only the database. Losing it voids every virtual key.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import ProtectionUnavailable

SECRET_VARIABLE = "GATEWAY_SECRET"  # noqa: S105  the variable's name

_MIN_BYTES = 32
_MAX_BYTES = 4_096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


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
            _create(path)
        return _pepper(_read(path), f"the file {path}")
    except OSError as error:
        raise ProtectionUnavailable(f"the gateway secret {path} cannot be used: {error.strerror}") from None


def _pepper(raw: bytes, where: str) -> Pepper:
    secret = raw.strip()
    if not _MIN_BYTES <= len(secret) <= _MAX_BYTES:
        raise ProtectionUnavailable(f"{where} must hold a secret of {_MIN_BYTES} to {_MAX_BYTES} bytes")
    return Pepper(secret)


def _read(path: Path) -> bytes:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise ProtectionUnavailable(f"the gateway secret {path} is not a regular file")
    if os.name == "posix" and mode & _OTHERS:
        raise ProtectionUnavailable(f"the gateway secret {path} can be read by others: run chmod 600 on it")
    with path.open("rb") as file:
        return file.read(_MAX_BYTES + 2)


def _create(path: Path) -> None:
    """Write 32 random bytes, as text, under another name and link them: no other process ever reads half a secret."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_urlsafe(_MIN_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first: its secret is the secret
    finally:
        Path(draft).unlink()
