"""What is said of a file that a command was given and cannot read."""

from __future__ import annotations

from pathlib import Path


def unreadable(path: Path, error: OSError) -> str:
    """The file, and why; nothing of what is in it."""
    return f"{path} cannot be read: {(error.strerror or 'no usable file').lower()}"
