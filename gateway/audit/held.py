"""The last checkpoint that was signed here, in a file beside the key: out of reach of whoever can write to the database alone.

Without it a log whose end was cut off, together with the checkpoints there, looks like one that never went further.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from gateway.audit.checkpoint import NotContinued
from gateway.audit.verify import Checkpoint, NotVerified, read_checkpoint
from gateway.errors import AuditUnavailable
from gateway.private_file import NotPrivateError, read_private, write_private

_MAX_BYTES = 16_384


class HeldFile:
    """For one key and one database, so that a log which was left for another can still be read and verified.

    Shared by all processes on this machine that sign with the key: each reads and writes it while it holds the lock of the log.
    """

    def __init__(self, key_path: Path, place: str) -> None:
        """`place` tells the database from others. A database in the key's folder may move along with it."""
        folder = key_path.parent.absolute()
        within = Path(place).relative_to(folder) if Path(place).is_relative_to(folder) else place
        digest = hashlib.sha256(str(within).encode()).hexdigest()[:8]
        self.path = key_path.with_name(f"{key_path.stem}.{digest}.checkpoint")

    def note(self) -> str | None:
        """The signed note as it lies there; None where nothing was signed yet. Raises AuditUnavailable."""
        try:
            return read_private(self.path, _MAX_BYTES).decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        except NotPrivateError as error:
            raise AuditUnavailable(f"The checkpoint in {self.path} {error}.") from None
        except OSError as error:
            raise AuditUnavailable(f"The checkpoint in {self.path} cannot be read: {error.strerror}.") from None

    def read(self) -> Checkpoint | None:
        """Raises AuditUnavailable, and NotContinued where it is damaged: then nothing shows that the log continues it."""
        note = self.note()
        try:
            return None if note is None else read_checkpoint(note, "the checkpoint")
        except NotVerified:
            raise NotContinued(f"The checkpoint in {self.path} is damaged.") from None

    def write(self, note: str) -> None:
        """Durable, in one step. Raises AuditUnavailable."""
        try:
            write_private(self.path, note.encode(), replace=True)
        except OSError as error:
            raise AuditUnavailable(f"The checkpoint in {self.path} cannot be written: {error.strerror}.") from None

    def forget(self) -> None:
        """Raises AuditUnavailable."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise AuditUnavailable(f"The checkpoint in {self.path} cannot be removed: {error.strerror}.") from None
