"""What chunks are called outside of the database. Pure."""

from __future__ import annotations

PREFIX = "kc_"


def chunk_name(chunk: int) -> str:
    return f"{PREFIX}{chunk:016x}"


def chunk_number(name: str) -> int:
    """What `chunk_name` named. Raises ValueError."""
    return int(name.removeprefix(PREFIX), 16)
