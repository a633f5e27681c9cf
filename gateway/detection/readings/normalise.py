"""Plain characters for what looks like them or hides between them.

Full-width letters, digits of any script, exotic hyphens; invisible and combining characters, emoji inside numbers; Chinese
numerals of long numbers; Cyrillic and Greek letters that UTS 39 calls confusable with Latin ones. Character names and
properties are those of Unicode 15.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from gateway.detection.readings.reading import Edit, Rewrite

_UNREADABLE = re.compile("[\ud800-\udfff\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_GONE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e01ef"
)
"""Default_Ignorable_Code_Point: shows nothing. Bidirectional controls and variation selectors are among them."""
_MARKS = "\u0300-\u034e\u0350-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_EMOJI = "\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_HYPHENS = "\u2010-\u2013\u2212\ufe58\ufe63"
_FULL_WIDTH = "\uff02-\uff0b\uff0d-\uff1a\uff1c-\uff1e\uff20-\uff5e"
"""Without the comma, semicolon, question and exclamation marks, which Chinese sentences have."""
_WORTH_FOLDING = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff0b\uff0e\uff20\uff3f\U0001d400-\U0001d7ff"
_ENCLOSED = (
    "\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff"
    "\u2776-\u277e\u2780-\u2788\u278a-\u2792\U0001f100-\U0001f10a"
)
"""Digits inside circles and brackets, and raised or lowered ones."""
_CYRILLIC, _CYRILLIC_LATIN = "АВЕЅІЈКМНОРСТУХаеорсуѕіјхԁһԛԝ", "ABESIJKMHOPCTYXaeopcysijxdhqw"
_GREEK, _GREEK_LATIN = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανοικρυχ", "ABEZHIKMNOPTYXavoikpux"
_TO_LATIN = str.maketrans(_CYRILLIC + _GREEK, _CYRILLIC_LATIN + _GREEK_LATIN)
_ALIKE = _CYRILLIC + _GREEK
_LAST_LETTER = "\u024f"
"""The last Latin letter that patterns know."""
_IN_A_VALUE = r"0-9A-Za-z@._%+\-"

_NUMERALS = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")
_NUMERAL = "[〇零一幺二两三四五六七八九]"
_FEWEST = 8
"""Numerals that are spelled one by one: years have four, dates at most eight."""

_INVISIBLE = re.compile(f"[{_GONE}]+")
_MARKED = re.compile(rf"[{_IN_A_VALUE}][{_MARKS}]+")
_BETWEEN_DIGITS = re.compile(f"(?<=[0-9])[{_EMOJI}]+(?=[0-9])")
_FOLDED = re.compile(rf"[{_FULL_WIDTH}\U0001d400-\U0001d7ff]+|[^\D0-9]+")
_ENCLOSED_RUN = re.compile(f"(?:[0-9]?[{_ENCLOSED}][ .-]?){{3,}}")
_SPELLED_OUT = re.compile(f"{_NUMERAL}(?:[ -]?{_NUMERAL}){{{_FEWEST - 1},}}")
_EXOTIC_HYPHEN = re.compile(f"[{_HYPHENS}]+")
_MIXED = re.compile(rf"[{_IN_A_VALUE}\u0370-\u03ff\u0400-\u052f]+")


def readable(text: str) -> str:
    """The text with a space for every exotic one, which no pattern tells apart: as long as the text, so offsets stay.

    A lone surrogate, which has no UTF-8 form, becomes U+FFFD: RE2 reads UTF-8.
    """
    return text if text.isascii() else _UNREADABLE.sub(_stand_in, text)


def _stand_in(match: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= match[0] <= "\udfff" else " "


def plain_rewrites() -> tuple[Rewrite, ...]:
    """In this order: what comes off first may have kept the others from seeing what stands beside it."""
    classes = (_GONE, _MARKS, _EMOJI, _ALIKE, _HYPHENS, _WORTH_FOLDING, _ENCLOSED)
    gone, marks, emoji, alike, hyphens, folded, enclosed = (f"[{characters}]" for characters in classes)
    return (
        Rewrite(rf"[\pL\pN@._%+-]{gone}+[\pL\pN\pM@._%+-]|[0-9]{gone}+{emoji}|{emoji}{gone}+[0-9]", _left_out),
        Rewrite(rf"[0-9A-Za-z@._%+-]{gone}*{marks}", _unmarked),
        Rewrite(rf"[0-9](?:{gone}|{marks})*{emoji}(?:{gone}|{emoji})*[0-9]", _without_emoji),
        Rewrite(rf"{folded}|[^\P{{Nd}}0-9]", _folded),
        Rewrite(f"{enclosed}[ .-]?[0-9]?{enclosed}[ .-]?[0-9]?{enclosed}", _digits),
        Rewrite(f"{_NUMERAL}(?:[ -]?{_NUMERAL}){{{_FEWEST - 1}}}", _numerals),
        Rewrite(rf"[\pL\pN]{hyphens}+[\pL\pN]", _hyphens),
        Rewrite(rf"[A-Za-z][@._%+-]?{alike}|{alike}[@._%+-]?[A-Za-z]", _latin),
    )


def _left_out(text: str) -> Iterator[Edit]:
    return ((m.start(), m.end(), "") for m in _INVISIBLE.finditer(text))


def _unmarked(text: str) -> Iterator[Edit]:
    """`e` and a combining acute are `é`, as a name has it; marks that make no letter that patterns know are left out."""
    for match in _MARKED.finditer(text):
        yield match.start(), match.end(), _composed(match[0][:3])


def _composed(marked: str) -> str:
    """The letter that a character and its marks make. NFC sorts marks, in quadratic time, and no letter has more than two."""
    letter = unicodedata.normalize("NFC", marked)[0]
    return letter if letter <= _LAST_LETTER else marked[0]


def _without_emoji(text: str) -> Iterator[Edit]:
    return ((m.start(), m.end(), "") for m in _BETWEEN_DIGITS.finditer(text))


def _folded(text: str) -> Iterator[Edit]:
    return ((m.start(), m.end(), "".join(map(_fold, m[0]))) for m in _FOLDED.finditer(text))


def _fold(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _digits(text: str) -> Iterator[Edit]:
    return ((m.start(), m.end(), "".join(map(_digit, m[0]))) for m in _ENCLOSED_RUN.finditer(text))


def _digit(character: str) -> str:
    return str(unicodedata.digit(character, character))


def _numerals(text: str) -> Iterator[Edit]:
    return ((m.start(), m.end(), m[0].translate(_NUMERALS)) for m in _SPELLED_OUT.finditer(text))


def _hyphens(text: str) -> Iterator[Edit]:
    return ((m.start(), m.end(), "-" * len(m[0])) for m in _EXOTIC_HYPHEN.finditer(text))


def _latin(text: str) -> Iterator[Edit]:
    """In tokens of Latin letters and look-alikes alone: whoever writes Russian or Greek uses other letters too."""
    for match in _MIXED.finditer(text):
        latin = match[0].translate(_TO_LATIN)
        if latin != match[0] and latin.isascii() and any(c.isascii() and c.isalpha() for c in match[0]):
            yield match.start(), match.end(), latin
