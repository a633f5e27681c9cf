"""Which placeholders of a drawer stand in a text that did not bring them there. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.redaction.placeholders import Key, key_of, spelling_pattern
from gateway.redaction.word_edges import without_escapes
from gateway.vault.found import Placed


def named(texts: Iterable[str], placed: Placed) -> frozenset[Key]:
    """Those that the drawer has given out, but for the exchange's own and what its client typed."""
    if not placed.highest:
        return frozenset()
    pattern = spelling_pattern(frozenset(placed.highest))
    found = {key_of(match) for text in texts for match in pattern.finditer(without_escapes(text))}
    given_out = (key for key in found if 0 < key[1] <= placed.highest.get(key[0], 0))
    return frozenset(given_out) - placed.literals - frozenset(placed.keys.values())
