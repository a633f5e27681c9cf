"""Text of others for a terminal: from policies, tests and the record. Pure."""

from __future__ import annotations


def printable(text: str) -> str:
    """On one line, and without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
