"""Which files somebody means who names files, folders or patterns, and their bytes.

A symbolic link inside a folder is not followed: what it leads to is read in its own place, or not at all.
"""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.knowledge.formats.document import Refusal, Refused
from gateway.knowledge.formats.kinds import is_known

MOST_BYTES = 64 * 2**20
"""Of one file."""


@dataclass(frozen=True, slots=True)
class Source:
    """`root` is what was named: a folder, a pattern, or the file itself. A refused one was found, and is not to be read."""

    root: str
    path: Path
    refused: Refusal | None = None


def sources(named: str) -> Iterator[Source]:
    """In a fixed order; of what is hidden (names with a dot first) nothing. Raises FileNotFoundError for nothing at all."""
    path = Path(named)
    if path.is_dir():
        root = path.resolve()
        yield from _in_folder(str(root), root)
    elif path.exists() or path.is_symlink():
        whole = path.resolve()
        yield _of_file(str(whole), whole)
    else:
        yield from _by_pattern(named)


def root_of(named: str) -> str:
    """By what the documents are known that come from here."""
    path = Path(named)
    return str(path.resolve()) if path.exists() else str(Path(named).absolute())


def read_source(path: Path) -> bytes:
    """Raises Refused for what is no regular file, too large, or cannot be opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused(Refusal.OUTSIDE if error.errno == errno.ELOOP else Refusal.UNREADABLE) from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused(Refusal.NOT_A_FILE)
        if status.st_size > MOST_BYTES:
            raise Refused(Refusal.TOO_LARGE)
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused(Refusal.TOO_LARGE)
    return data


def _by_pattern(named: str) -> Iterator[Source]:
    root, found = root_of(named), sorted(glob.glob(named, recursive=True))  # noqa: PTH207 - it may be absolute
    if not found:
        raise FileNotFoundError(named)
    for name in found:
        path = Path(name)
        if path.is_symlink():
            yield Source(root, path.absolute(), Refusal.OUTSIDE)
        elif not path.is_dir():
            yield _of_file(root, path.resolve())


def _in_folder(root: str, top: Path) -> Iterator[Source]:
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in [*folders, *sorted(files)]:
            path = Path(folder, name)
            if path.is_symlink():
                if not path.resolve().is_relative_to(top):
                    yield Source(root, path, Refusal.OUTSIDE)
            elif not name.startswith(".") and not path.is_dir():
                yield _of_file(root, path)


def _of_file(root: str, path: Path) -> Source:
    return Source(root, path, None if is_known(path.name) else Refusal.UNKNOWN_KIND)
