"""Text of others for a terminal: from policies, tests, documents and the record. Pure."""

from __future__ import annotations


def printable(text: str) -> str:
    """On one line, and without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)


def printable_lines(text: str) -> str:
    """The same with its lines left as they are; each blank becomes a space, also one that ASCII has not."""
    return "\n".join(printable("".join(" " if sign.isspace() else sign for sign in line)) for line in text.splitlines())
