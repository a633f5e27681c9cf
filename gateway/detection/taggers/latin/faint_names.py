"""Single names of which the network is not sure: rare ones, that no list knows, where little says that a person is meant.

A word with a capital among small ones, which no list calls a place, is a name where the network gives that at least a sixth of
what it gives to none; an ordinary word (`My`, `Hang`) only behind another word or a comma, where it needs no capital. On clean
prose and code the network hardly ever does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from gateway.detection.taggers.decode import Scores
from gateway.detection.taggers.latin.introduced import ClassOf, may_be_a_name
from gateway.detection.taggers.sieve import Tag, covered, stands_in_code
from gateway.detection.taggers.tokens import Tokens

_ODDS = float(np.log(0.15 / 0.85))
"""Of a person's tag to none, in the network's units (nats). At half of it, ordinary words in code begin to count."""
_BEGINS, _SINGLE = 1, 4
"""The tags of the first token of a person, the first label, and of one who has no other."""
_LETTERS, _CAPITALS = "a-zß-öø-ɏḀ-ỿ", "A-ZÀ-ÖØ-ÞĀ-ɏḀ-ỿ"
_WORD = re.compile(
    rf"(?<![^\s\"“(‘'])[{_CAPITALS}][{_LETTERS}]{{1,20}}(?:-[A-Za-z][{_LETTERS}]{{0,8}})?(?![\w-]|[^\S\n][{_CAPITALS}]|[(./_=\[][\w(])"
)
_AFTER_A_CAPITAL = re.compile(rf"(?<!\S)[{_CAPITALS}][\w'’-]{{0,24}}[^\S\n]\Z")
_REACH = 28
_SCORE = 0.6


def faint_names(text: str, tokens: Tokens, scores: Scores, tags: Sequence[Tag], class_of: ClassOf) -> Iterator[Tag]:
    """Such names among `tokens` that no tag touches. `scores` has shape (tokens, tags)."""
    by_tag = scores.T
    likely = (np.maximum(by_tag[_BEGINS], by_tag[_SINGLE]) > by_tag[0] + _ODDS).nonzero()[0].tolist()
    taken = covered(text, tags) if likely else b""
    for start in [start for at in likely if not taken[start := int(tokens.starts[at])]]:
        word = _WORD.match(text, start)
        if word is None or taken.find(1, start, word.end()) >= 0:
            continue
        before, tag = text[max(0, start - _REACH) : start], Tag(start, word.end(), "PERSON", _SCORE)
        if _stands_alone(word[0], before, class_of) and not stands_in_code(text, tag):
            yield tag


def _stands_alone(word: str, before: str, class_of: ClassOf) -> bool:
    if _AFTER_A_CAPITAL.search(before):
        return False
    needs_no_capital = before[-2:-1].isalnum() or before.endswith(", ")
    return may_be_a_name(word, class_of, or_ordinary=needs_no_capital)
