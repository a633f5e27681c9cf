"""A text as tokens: what must be equal to the letter, numbers, words, Han characters, and every other sign. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 500
"""Characters; longer texts are no questions of one thought, and are not compared."""

_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_SAME_SIGNS = dict(zip("’‘“”。、—–\u3000", "''\"\".,-- ", strict=True))
_SIGNS: Mapping[int, int | str] = {**_FULL_WIDTH, **{ord(sign): same for sign, same in _SAME_SIGNS.items()}}
"""Signs that say the same. Compatibility forms (NFKC) would go too far: they make `x2` of `x²`."""


_TOKEN = re.compile(
    r"""(?P<literal>
          ```.*?```|`[^`]*`|"[^"]*"|「[^」]*」|『[^』]*』|《[^》]*》   # code, quotations, titles
        | <[^<>\s]+>                                                 # placeholders, tags
        | [A-Za-z][A-Za-z0-9+.-]*://[^\s\u4e00-\u9fff]+              # addresses
        | [\w.+-]*@[\w.-]+
        | (?:[A-Za-z]:)?[\\/~][\w.~\\/-]+ | [A-Za-z0-9]*[\w-]*[\\/_][\w.\\/-]+(?<![.])     # paths, identifiers
        | --?[A-Za-z][\w-]* | [#$@%&][A-Za-z]\w*                     # options, tags, variables
        | [A-Za-z][A-Za-z0-9-]*\d[A-Za-z0-9.-]*(?<![.-]) | \d+[A-Za-z-][A-Za-z0-9-]* | [A-Za-z]+(?:\.[A-Za-z0-9]+)+
        | \d+(?:[.:/-]\d+){2,} | \d+[:/-]\d+                         # versions, dates, times
        | [A-Za-z]*[a-z][A-Z]\w* | [A-Za-z]+[+#]+
        )
      | (?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z]+(?:-[A-Za-z]+)*(?:'[A-Za-z]+)?)
      | (?P<han>[\u3400-\u9fff]+)
      | (?P<sign>\S)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ASCII_AND_HAN = re.compile(r"[\x20-\x7e\u3400-\u9fff「」『』《》\s]*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_OPENERS = frozenset(
    "a am an and any are as ask at book but calculate call can check clarify classify compare compose compute "
    "convert could create define describe did do does draft during enumerate every excuse explain find for from "
    "generate get give good guide has have hello help hey hi how i if in instructions is it its kindly let list may "
    "might must my name of ok okay on order or our outline paraphrase please provide quick recommend remind rephrase "
    "reword rewrite send she he they we you should show so sorry steps suggest sum summarise summarize tell thank "
    "thanks that the their there these this those to translate under using was well were what what's when where "
    "where's which who who's whom why will with would write your".split()
)
_ENDS = frozenset(".?!")


class Kind(StrEnum):
    LITERAL = "literal"
    NUMBER = "number"
    NAME = "name"
    WORD = "word"
    HAN = "han"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str


def tokens_of(text: str) -> list[Token] | None:
    """None for what nobody here can read: other scripts, and texts that are too long or have several lines."""
    plain = text.strip().translate(_SIGNS)
    if not plain or len(plain) > LONGEST or "\n" in plain or not _ASCII_AND_HAN.fullmatch(plain):
        return None
    tokens: list[Token] = []
    is_english = not _HAN.search(plain)
    for found in _TOKEN.finditer(plain):
        tokens.append(_token(Kind(str(found.lastgroup)), found.group(), first=is_english and _begins(tokens)))
    return tokens


def _begins(tokens: list[Token]) -> bool:
    return not tokens or tokens[-1].text in _ENDS


def _token(kind: Kind, text: str, *, first: bool) -> Token:
    """A capital is a name's, but for `I` and where a sentence begins with a word that often begins one."""
    if kind is Kind.NUMBER:
        return Token(kind, text.replace(",", ""))
    if kind is not Kind.WORD:
        return Token(kind, text)
    stem = text.partition("'")[0]
    opens = first and stem.lower() in _OPENERS
    is_name = stem != "I" and (stem[1:].lower() != stem[1:] or (stem[0].isupper() and not opens) or _is_letter(stem))
    return Token(Kind.NAME, text) if is_name else Token(kind, text.lower())


def _is_letter(stem: str) -> bool:
    """Of grades, vitamins and answers; `A` may be an article."""
    return len(stem) == 1 and stem.isupper() and stem != "A"
