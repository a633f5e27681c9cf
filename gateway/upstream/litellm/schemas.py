"""How large a JSON schema becomes when its references are written out, which litellm does for some providers. Pure.

Where each definition names the next one twice, two thousand characters come to gigabytes, and the gateway would stand still
over them. A reference round in a circle is not followed, by litellm either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MOST_PIECES = 5_000
"""Objects and lists that may come of references."""

_DEFINITIONS = ("$defs", "definitions")


def is_too_large(schema: Any) -> bool:
    """Whether more than MOST_PIECES come of the references in this JSON value."""
    known = _definitions(schema)
    waiting: list[tuple[Any, frozenset[str]]] = [(schema, frozenset())] if known else []
    written_out = 0
    while waiting and written_out <= MOST_PIECES:
        piece, followed = waiting.pop()
        written_out += bool(followed)
        waiting.extend((inner, followed) for inner in _inside(piece))
        name = _referred(piece)
        if name is not None and name not in followed:
            waiting.extend((meant, followed | {name}) for meant in known.get(name, ()))
    return written_out > MOST_PIECES


def _definitions(schema: Any) -> dict[str, list[Any]]:
    """What a name may mean, wherever it is defined."""
    known: dict[str, list[Any]] = {}
    waiting = [schema]
    while waiting:
        piece = waiting.pop()
        waiting.extend(_inside(piece))
        for word in _DEFINITIONS if isinstance(piece, dict) else ():
            defined = piece.get(word)
            for name, meant in defined.items() if isinstance(defined, dict) else ():
                known.setdefault(name, []).append(meant)
    return known


def _inside(piece: Any) -> Iterator[Any]:
    within = piece.values() if isinstance(piece, dict) else piece if isinstance(piece, list) else ()
    return (each for each in within if isinstance(each, dict | list))


def _referred(piece: Any) -> str | None:
    """The last part of the path that a reference names: litellm looks at no more of it."""
    reference = piece.get("$ref") if isinstance(piece, dict) else None
    return reference.split("/")[-1] if isinstance(reference, str) else None
