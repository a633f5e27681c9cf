"""A text as tokens: what must be equal to the letter, numbers, words, Han characters, and every other sign. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST = 500
"""Characters; longer texts are no questions of one thought, and are not compared."""

_SIGNS: Mapping[str, str] = dict(zip("’“”，。！？：；、（）\u3000", '\'"",.!?:;,() ', strict=True))
"""Signs that say the same where they part a text, and only there. Other compatibility forms (NFKC) would go too far: they make
`x2` of `x²`, and `A` of `Ａ`, which has more bytes."""
_SAID = "A-Za-z0-9\u3400-\u9fff"
_PARTING = re.compile(
    rf"""```.*?```|`[^`]*`|"[^"]*"|「[^」]*」|『[^』]*』|《[^》]*》     # stay as they are
    | (?P<quoted>“[^“”"]*”)
    | (?P<sign>（(?=[^（）]*）) | (?<=[{_SAID}])）| \u3000
        | (?<=[A-Za-z])’(?=[A-Za-z])
        | (?<=[{_SAID}])[：！？](?=[{_SAID}“（「『《\s]) | (?<=[”」』》）])[，。！？：；](?=[{_SAID}“（「『《\s])
        | (?<=[{_SAID}])(?<![0-9])[，。；、](?=[{_SAID}“（「『《\s]) | (?<=[0-9])[，。；、](?=[^0-9\W]|[“（「『《\s])
        | (?<=[{_SAID}”」』》）])[。！？]$)""",
    re.VERBOSE | re.DOTALL,
)
"""A comma between two numbers is none of these: `第1、2章` are not `第12章`."""
_ABOUT_SIGNS = re.compile(
    r"\b(?:characters?|symbols?|signs?|punctuation|commas?|periods?|full stop|(?:semi)?colons?|quotes?|quotation|dash(?:es)?|"
    r"hyphens?|brackets?|parenthes[ie]s|marks?|unicode|ascii|utf|code ?points?|bytes?|keyboard|type|key in|escape|encod\w*)\b|"
    r"字符|符号|标点|[逗句顿冒分问叹引括]号|全角|半角|编码|字节|输入|键入|打出|打字|键盘|转义",
    re.IGNORECASE,
)
_STOPS = frozenset(",.!?:;")
_BRACKETS_AND_COMMA = frozenset("([{,")
_FACTORIAL = re.compile(r"(?:[0-9)]|(?<![A-Za-z])[A-Za-z])!")


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
    text: str = field(repr=False)


def tokens_of(text: str) -> list[Token] | None:
    """None for what nobody here can read: other scripts, texts that are too long or have several lines, and signs that may be
    spoken of.
    """
    written = text.strip()
    if not written or len(written) > LONGEST or "\n" in written:
        return None
    plain = _PARTING.sub(_in_one_form, written)
    if not _ASCII_AND_HAN.fullmatch(plain):
        return None
    if _FACTORIAL.search(plain):
        return None
    speaks_of_signs = bool(_ABOUT_SIGNS.search(plain))
    tokens: list[Token] = []
    is_english = not _HAN.search(plain)
    for found in _TOKEN.finditer(plain):
        kind = Kind(str(found.lastgroup))
        if kind is Kind.SIGN and _is_spoken_of(plain, found.start(), speaks_of_signs=speaks_of_signs):
            return None
        if kind is Kind.NUMBER and _is_a_list(plain, found):
            return None
        tokens.append(_token(kind, found.group(), first=is_english and _begins(tokens)))
    return tokens


def _in_one_form(found: re.Match[str]) -> str:
    if found["quoted"]:
        return f'"{found["quoted"][1:-1]}"'
    return _SIGNS[found["sign"]] if found["sign"] else found.group()


def _is_spoken_of(plain: str, at: int, *, speaks_of_signs: bool) -> bool:
    """Whether a sign may be what is asked about: it stands by itself or beside another one, or where signs are spoken of."""
    before, after = plain[at - 1 : at], plain[at + 1 : at + 2]
    if speaks_of_signs:
        return bool(after) or plain[at] not in ".?" or not before.strip() or before in _STOPS
    stands_alone = (not before or before.isspace()) and (not after or after.isspace()) and plain[at] != "?"
    return plain[at] in _STOPS and (stands_alone or before in _STOPS or after in _STOPS)


def _is_a_list(plain: str, number: re.Match[str]) -> bool:
    """Whether commas in it may part several: `max(1,200)` is not `max(1200)`."""
    before, after = plain[: number.start()].rstrip()[-1:], plain[number.end() :].lstrip()[:1]
    return "," in number.group() and (before in _BRACKETS_AND_COMMA or after == ",")


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
