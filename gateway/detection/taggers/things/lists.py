"""The lists of this room: words apart by white space, lines that begin with `#` tell what they are."""

from __future__ import annotations

from importlib.resources import files


def listed(name: str) -> frozenset[str]:
    """The words of one list, as they are written there."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
