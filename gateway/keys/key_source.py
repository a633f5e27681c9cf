"""Where a master key of our own comes from: a variable, or a file that is its owner's alone."""

from __future__ import annotations

import base64
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import ProtectionUnavailable
from gateway.keys.envelope import KEY_BYTES, new_key

_MAX_BYTES = 4_096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


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
                self._write([new_key()], replace=False)
            return _parsed(_read(self._path), f"The file {self._path}")
        except OSError as error:
            raise ProtectionUnavailable(f"The master key {self._path} cannot be used: {error.strerror}.") from None

    def save(self, keys: Sequence[bytes]) -> bool:
        """In one step, whatever happens."""
        try:
            self._write(keys, replace=True)
        except OSError as error:
            raise ProtectionUnavailable(f"The master key {self._path} cannot be replaced: {error.strerror}.") from None
        return True

    def _write(self, keys: Sequence[bytes], *, replace: bool) -> None:
        """Under another name first, so that nobody ever reads half a key; of several first keys the first one stays."""
        folder = self._path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".master-key-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
                file.flush()
                os.fsync(file.fileno())
            if replace:
                Path(draft).replace(self._path)
            else:
                os.link(draft, self._path)
            _sync(folder)
        except FileExistsError:
            return
        finally:
            Path(draft).unlink(missing_ok=True)


def _parsed(text: str, where: str) -> Sequence[bytes]:
    try:
        keys = [base64.b64decode(word, validate=True) for word in text.split()]
    except ValueError:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ProtectionUnavailable(f"{where} must hold master keys of {KEY_BYTES} bytes, in base64.")
    return keys


def _read(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise ProtectionUnavailable(f"The master key {path} is not a regular file.")
        if os.name == "posix" and mode & _OTHERS:
            raise ProtectionUnavailable(f"The master key {path} can be read by others: run chmod 600 on it.")
        return file.read(_MAX_BYTES).decode("ascii", "replace")


def _sync(folder: Path) -> None:
    """So that the name, too, outlives a power cut: tenants' keys may already hang on it."""
    if os.name != "posix":  # where a folder cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
