"""What lies on the disk, read by another process: to open and close SQLite's file in one that uses it would drop its locks
(https://www.sqlite.org/howtocorrupt.html, 2.2)."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory


def files_of(folder: Path) -> Mapping[Path, bytes]:
    """The files below a folder, by where they lie in it."""
    with TemporaryDirectory() as place:
        copy = Path(place) / "copy"
        subprocess.run(["cp", "-r", str(folder), str(copy)], check=True)
        return {path.relative_to(copy): path.read_bytes() for path in sorted(copy.rglob("*")) if path.is_file()}
