"""Tokens of labelled corpora as texts in the notation of `training.marks`, written as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.marks import listed

_INSTITUTION = re.compile(r"\b(?:University|College|School|Academy|Hospital|Institute|Museum|Library)\b")
_BODY = re.compile(
    r"\b(?:Ministry|Department|Agency|Commission|Council|Court|Committee|Parliament|Police|Union|Office|Bureau)\b"
)
_CLOSE_BEFORE = re.compile(r"[.,!?:;)\]}%…’”]+|(?:['’](?:s|m|d|re|ve|ll)|n['’]t)(?!\w)|['’]", re.IGNORECASE)
_OPEN = frozenset("([{$#£€“‘")
_AMBIGUOUS = frozenset("Green Pole Poles Finn Finns Maya Roma Apache Kiwi Kiwis Dane Conservative Liberal Turk".split())
_BEFORE_A_LANGUAGE = frozenset(
    "in into speak speaks spoke spoken speaking learn learning translate understand fluent write to".split()
)
_BEHIND_A_LANGUAGE = frozenset(
    "language word words translation teacher class course lesson lessons version grammar edition".split()
)
BRACES = str.maketrans("{}", "()")


@dataclass(frozen=True, slots=True)
class Word:
    """A token, the kind of its name ("" for none), whether the name begins here, and whether white space comes before it."""

    text: str
    kind: str = ""
    begins: bool = False
    spaced: bool = True


def marked(words: Sequence[Word]) -> str:
    """The text in the notation of `training.marks`; nationalities and the like are marked wherever no other name is."""
    pieces: list[str] = []
    at = 0
    while at < len(words):
        kind, end = words[at].kind, at + 1
        if kind:
            while end < len(words) and words[end].kind == kind and not words[end].begins:
                end += 1
        elif size := _group(words, at):
            kind, end = "N", at + size
        text = "".join((" " if word.spaced and n else "") + word.text for n, word in enumerate(words[at:end]))
        text = text.translate(BRACES).replace("\\", "/")
        if kind == "O":
            kind = "U" if _INSTITUTION.search(text) else "M" if _BODY.search(text) else "O"
        pieces.append((" " if words[at].spaced and at else "") + (f"{{{kind}:{text}}}" if kind else text))
        at = end
    return "".join(pieces)


def _group(words: Sequence[Word], at: int) -> int:
    """How many words from here name a nationality or the like, and no language; 0 for none."""
    for size in (2, 1):
        some = words[at : at + size]
        text = " ".join(word.text for word in some)
        if any(word.kind for word in some) or not text[:1].isupper() or text in _AMBIGUOUS:
            continue
        if text in _groups() or (text.endswith("s") and text[:-1] in _groups()):
            before = words[at - 1].text.lower() if at else ""
            behind = words[at + size].text.lower() if at + size < len(words) else ""
            return 0 if before in _BEFORE_A_LANGUAGE or behind in _BEHIND_A_LANGUAGE else size
    return 0


@cache
def _groups() -> frozenset[str]:
    return frozenset(listed(Path(__file__).parents[1] / "lists" / "en", "nationalities"))


def spaced(words: Iterable[Word]) -> Iterator[Word]:
    """Tokens without their white space, written as people write."""
    before, quoted = "", False
    for word in words:
        close = not word.spaced or before in _OPEN or _CLOSE_BEFORE.fullmatch(word.text) is not None
        if word.text == '"':
            close, quoted = quoted, not quoted
        elif before == '"' and quoted:
            close = True
        yield Word(word.text, word.kind, word.begins, not close)
        before = word.text
