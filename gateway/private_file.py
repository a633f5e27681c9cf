"""A file that is its owner's alone: how secrets and keys lie on the disk."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class NotPrivateError(Exception):
    """What is wrong with the file, to be said after its name."""


def read_private(path: Path, most: int) -> bytes:
    """At most so many bytes. Raises NotPrivateError for what others could read, or what is no file; OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise NotPrivateError("is not a regular file")
        if os.name == "posix" and mode & _OTHERS:
            raise NotPrivateError("can be read by others: run chmod 600 on it")
        return file.read(most)


def write_private(path: Path, raw: bytes, *, replace: bool) -> None:
    """Durable, and in one step: under another name first, so that nobody ever reads half of it. Raises OSError.

    Without `replace`, of several that write at once the first one's stays.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            Path(draft).replace(path)
        else:
            os.link(draft, path)
        _sync(path.parent)
    except FileExistsError:
        return
    finally:
        Path(draft).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """So that the name, too, outlives a power cut: something may already hang on what is in the file."""
    if os.name != "posix":  # where a folder cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
