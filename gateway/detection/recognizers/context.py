"""The words that say what a number is, and how far what they say reaches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from gateway.detection.expressions import Places

WALL = " .\n"
"""Parts texts that share a page. Of what was tried between values that stand alone, this makes taggers miss least: they see
the end of a sentence, and the space keeps the full stop out of the value (1 % missed, against 10 % at a bare line break)."""
LEAST = 0.4
"""What a number at least counts for that a word may explain: as much as the engine asks for by default."""
_FURTHER = 0.04
"""What the distance to its word takes from a number at most: less than lies between two sorts of patterns."""
_FAR = 48
"""Code points: the distance that takes all of it."""
_LONG_WORD = 24
_SECOND = 0.01
"""What is left to tell patterns apart of a number that is not the first one behind its word."""
_NUMBER = re.compile("[0-9](?:[ ./()-]?[0-9A-Z]){3,}[0-9]")


class Context:
    """Finds numbers' labels. An ASCII word must stand alone: a plural, a digit or an underscore may be glued to it.

    What a word says holds for `before` characters after its start, up to the next `WALL` or to one of `rivals`, which claims
    the number for something else: "call about order 1234567". A form may have a label on one line and its value on the next.
    """

    def __init__(self, words: Collection[str], before: int, rivals: Collection[str] = ()) -> None:
        self._words, self._before = Places(_standing_alone(words)), before
        self._rivals = Places(_standing_alone(rivals)) if rivals else None

    def windows(self, text: str) -> Iterator[tuple[int, int]]:
        """Where numbers that the words are about may start: spans in order, free of overlap."""
        done = 0
        for word in self._words.finditer(text):
            begins, ends = word.span()
            end = self._reach(text, ends, min(begins + self._before, len(text)))
            first = max(ends, done)
            if end >= first:
                yield first, end + 1
                done = end + 1

    def weighed(self, text: str, start: int, score: float) -> float:
        """The score of a number at `start` that some word is about: what competes for it has a word of its own.

        The nearer word says more. Behind another number a word says little: "routing number 021000021, account 12345678".
        """
        before = text[max(0, start - self._before - 1) : start]
        labels = [label.end() for label in self._words.finditer(before)]
        gap = before[labels[-1] :] if labels else before
        if _NUMBER.search(gap):
            return LEAST + _SECOND * score
        return score - _FURTHER * min(len(gap) / _FAR, 1)

    def _reach(self, text: str, start: int, end: int) -> int:
        """The last place where a number may start."""
        wall = text.find(WALL, start, end)
        end = end if wall < 0 else wall
        rival = None if self._rivals is None else self._rivals.search(text[start : end + _LONG_WORD])
        return end if rival is None else min(end, start + int(rival.start()) - 1)


def context_gate(words: Collection[str]) -> str:
    """The gate of `Context(words, ...)`."""
    return f"(?i){'|'.join(re.escape(word) for word in sorted(words))}"


def _standing_alone(words: Collection[str]) -> str:
    r"""RE2's `\b` knows ASCII alone: it sees a border between a Han character and a letter."""
    ordered = sorted(words, key=len, reverse=True)
    plain = [re.escape(w) for w in ordered if w.isascii() and w[-1].isalnum()]
    marked = [re.escape(w) for w in ordered if w.isascii() and not w[-1].isalnum()]
    others = [re.escape(w) for w in ordered if not w.isascii()]
    bounded = [rf"(?:\b|_)(?:{'|'.join(plain)})(?:s|es)?(?:\b|[0-9_])"] if plain else []
    labels = [rf"(?:\b|_)(?:{'|'.join(marked)})"] if marked else []
    return f"(?i){'|'.join([*bounded, *labels, *others])}"


def context_regex(words: Collection[str]) -> re.Pattern[str]:
    """The same for one number at a time: finds any of `words`; an ASCII word must stand alone."""
    ascii_words = sorted((w for w in words if w.isascii()), key=len, reverse=True)
    others = sorted((w for w in words if not w.isascii()), key=len, reverse=True)
    bounded = [rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, ascii_words))})(?:s|es)?(?![a-z])"] if ascii_words else []
    return re.compile("|".join([*bounded, *map(re.escape, others)]), re.IGNORECASE)


def near(text: str, start: int, words: re.Pattern[str], *, before: int = 48) -> bool:
    """Whether one of `words` stands at most `before` characters before `start`, with no `WALL` between."""
    return words.search(text[max(0, start - before) : start].rpartition(WALL)[2]) is not None
