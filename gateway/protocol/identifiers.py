"""What may be written down of a name that somebody else chose: one that looks like an identifier, and no prose."""

from __future__ import annotations

import re

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,127}")


def identifier(text: str | None) -> str | None:
    """The text where it looks like an identifier, of 128 characters at the most; else None."""
    return text if text is not None and _IDENTIFIER.fullmatch(text) else None
