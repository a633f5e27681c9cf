"""Where a master key of our own comes from: a variable, or a file that is its owner's alone."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import ProtectionUnavailable
from gateway.keys.envelope import KEY_BYTES, new_key
from gateway.private_file import NotPrivateError, read_private, write_private

_MAX_BYTES = 4_096


class GivenKeys:
    """Keys from outside, which do not change while the process lives."""

    def __init__(self, text: str, where: str) -> None:
        """Raises ProtectionUnavailable."""
        self._keys = tuple(_parsed(text, where))

    def load(self) -> Sequence[bytes]:
        return self._keys

    def save(self, keys: Sequence[bytes]) -> bool:  # noqa: ARG002
        return False


class KeyFile:
    """One key a line, in base64; made at its first use. Raises ProtectionUnavailable."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Sequence[bytes]:
        try:
            if not self._path.exists():
                write_private(self._path, _text([new_key()]), replace=False)
            return _parsed(read_private(self._path, _MAX_BYTES).decode("ascii", "replace"), f"The file {self._path}")
        except NotPrivateError as error:
            raise ProtectionUnavailable(f"The master key {self._path} {error}.") from None
        except OSError as error:
            raise ProtectionUnavailable(f"The master key {self._path} cannot be used: {error.strerror}.") from None

    def save(self, keys: Sequence[bytes]) -> bool:
        """In one step, whatever happens."""
        try:
            write_private(self._path, _text(keys), replace=True)
        except OSError as error:
            raise ProtectionUnavailable(f"The master key {self._path} cannot be replaced: {error.strerror}.") from None
        return True


def _text(keys: Sequence[bytes]) -> bytes:
    return b"".join(base64.b64encode(key) + b"\n" for key in keys)


def _parsed(text: str, where: str) -> Sequence[bytes]:
    try:
        keys = [base64.b64decode(word, validate=True) for word in text.split()]
    except ValueError:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ProtectionUnavailable(f"{where} must hold master keys of {KEY_BYTES} bytes, in base64.")
    return keys
