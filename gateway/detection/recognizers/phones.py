"""Telephone numbers outside the Chinese world, in the many ways in which people group them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from presidio_analyzer import EntityRecognizer

from gateway.detection.gate import Gated
from gateway.detection.recognizers.forms import NotAfter
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer
from gateway.detection.recognizers.phone_words import OTHER_NUMBERS, PHONE_WORDS
from gateway.detection.recognizers.shapes import LOOSE, STRONG, digits, number
from gateway.detection.recognizers.spans import Said, SpanRecognizer

__all__ = ["OTHER_NUMBERS", "PHONE_WORDS", "InternationalPhone", "phone_recognizers"]

_GAP = r"\)?(?: ?[-./] ?| )?\(?"
"""Between two digits. There is one way to read what stands there, so that matching takes linear time."""
_EXTENSION = r"(?:,? ?(?ai:x|ext(?:ension|n)?\.?|#):? ?[0-9]{1,6})"
_OPENED = r"\((?=\+?[0-9][0-9 -]{0,7}\))"
"""Of an area or a country code; a bracket around the number is not a part of it."""
_RUN = rf"(?:{_OPENED})?\+?[0-9](?:{_GAP}[0-9]){{6,17}}{_EXTENSION}?"
_STARTS = re.compile(
    r"[+(0-9](?:(?<=[+(])(?=\(?\+?[0-9])|(?<![A-Za-z0-9][\s\S])(?:(?<=0)|(?=[0-9]{2}[ .-])|(?<=1)(?=[ .-]\(?[0-9]{3})))"
)
"""Where a number can begin that nothing else says to be a telephone: `+`, `(`, `0`, three digits, or 1 and three digits."""
_ANY_START = re.compile(r"[+(0-9](?:(?<=[+(])(?=\(?\+?[0-9])|(?<![A-Za-z0-9+(][\s\S]))")
"""Where any number can begin."""
_GATE_RUN = r"[0-9](?:[)]?(?: ?[-./] ?| )?[(]?[0-9]){6}"
_E164 = r"(?<![0-9)])\+[1-9][0-9]{9,14}(?![0-9])"
"""Letters may be glued to it, where people leave out spaces."""
_DATE = re.compile(
    r"(?:1[89]|20)[0-9]{2}([-/. ])[0-9]{1,2}\1[0-9]{1,2}(?:[ ][0-9]{2,4})?|[0-9]{1,2}([-/. ])[0-9]{1,2}\2(?:1[89]|20)[0-9]{2}|"
    r"(?:1[89]|20)[0-9]{2} ?[-/] ?(?:1[89]|20)[0-9]{2}"
)
_GROUP = re.compile("[0-9]+")
_WORDS_BEHIND = (
    "office|fax|mobile|mob|cell|cellphone|home|work|landline|direct|direct line|switchboard|hotline|telephone|tel|phone|"
    "voicemail|pager|whatsapp"
)
_JOINT = r"(?: ?[-–—/] ?[(]?| ?[(]| )"
_ENDS = r"(?:[ \t]?(?:[)\].,;|/\\\"'<\r\n]|\Z)|[ \t]{2}| (?:or|and|but)\b)"
_BEHIND = rf"(?={_JOINT}(?ai:{_WORDS_BEHIND})(?![A-Za-z])\.?{_ENDS})"
"""A word that says of the number before it what it is. It ends a field: `work items` and `home games` say nothing of numbers,
and behind a comma or before a colon the word is the next number's."""
_OTHERS = "|".join(word for word in OTHER_NUMBERS if word.isascii())
_COUNTED = NotAfter(re.compile(rf"(?ai:(?<![a-z])(?:{_OTHERS})s?(?: (?:no|number|id))?[.:# ]{{0,3}})\Z"), reach=32)
"""What else a number is, where a word before it says so."""
_EXTENSION_START = re.compile("[xXeE#,]")
_AREA = re.compile(r"\([0-9]{2,5}\)")
_NANP = re.compile(
    r"(?:1[-. ])?(?:\([0-9]{3}\) ?-?[0-9]{3}[-.]|[0-9]{3}(?:-[0-9]{3}-|\.[0-9]{3}\.))[0-9]{4}|"
    r"(?:1 )?\(?[2-9][0-9]{2}\)? [2-9][0-9]{2}[ .-]?[0-9]{4}"
)
"""The North American Numbering Plan; with spaces between the groups only where area and exchange can exist."""
_AS_OTHERS = re.compile(
    r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{2}-[0-9]{7}|[0-9]{5}-[0-9]{4}|[0-9]+/[0-9]+/.*|[0-9.]+(?<!\.[0-9]{2})"
)
"""Numbers that begin with a zero and belong to social security, companies, postcodes, ratios, measurements."""


def phone_recognizers() -> tuple[EntityRecognizer, ...]:
    """By validity, by form, and by the words before and behind."""
    return (
        InternationalPhone(),
        CheckedPatternRecognizer("PHONE_NUMBER", [(_E164, STRONG)], name="PhoneByForm", gate=[r"\+[1-9][0-9]{9}"]),
        ContextPatternRecognizer(
            "PHONE_NUMBER",
            [(number(_RUN), LOOSE)],
            words=PHONE_WORDS,
            rivals=OTHER_NUMBERS,
            name="PhoneInContext",
            check=_phone_like,
            before=32,
        ),
        CheckedPatternRecognizer(
            "PHONE_NUMBER",
            [(number(_RUN) + r"(?<!000)" + _BEHIND, LOOSE)],
            name="PhoneBeforeWord",
            gate=[rf"[0-9]{_JOINT}(?i:{_WORDS_BEHIND})"],
            check=_phone_like,
            starts=_ANY_START,
            not_after=_COUNTED,
        ),
    )


class InternationalPhone(SpanRecognizer, Gated):
    """Numbers that are written as telephones are, whatever stands around them.

    With a country code; with a trunk zero or an area code in brackets, in groups, as most of the world writes a number at
    home; in three groups of three, three and four, as North America does; or with an extension. Whether a number has been
    given to somebody is not asked: libphonenumber takes 0.1 ms for that, calls many order numbers valid and the numbers
    invalid that regulators keep for examples.
    """

    gate = (_GATE_RUN,)

    def __init__(self) -> None:
        self._run = re.compile(number(_RUN))
        self._starts = _STARTS
        super().__init__(["PHONE_NUMBER"], "InternationalPhone")

    def said(self, text: str) -> Iterator[Said]:
        done = 0
        for place in self._starts.finditer(text):
            run = self._run.match(text, place.start()) if place.start() >= done else None
            if run is None:
                continue
            value = next(filter(_is_phone, _shortened(run[0])), "")
            done = run.start() + len(value) if value else run.end()
            if value:
                yield "PHONE_NUMBER", run.start(), done, STRONG


def _is_phone(value: str) -> bool:
    body = _EXTENSION_START.split(value, maxsplit=1)[0].rstrip()
    figures = digits(body)
    if not 7 <= len(figures) <= 15 or _DATE.fullmatch(body):
        return False
    if body.lstrip("(").startswith(("+", "00")):
        return _is_international(body, figures)
    return len(body) < len(value) or _is_national([len(group) for group in _GROUP.findall(body)], body)


def _is_international(body: str, figures: str) -> bool:
    """A country code of the ITU's, and as many digits as numbers have: in North America always 10 after it."""
    if "+" not in body:
        figures = figures[2:]
    if figures.startswith("1"):
        return len(figures) == 11
    return len(figures) >= 9 and any(int(figures[:n]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE for n in (1, 2, 3))


def _is_national(groups: list[int], body: str) -> bool:
    """As written at home; a last digit behind a hyphen is an extension, as German firms have it."""
    if _NANP.fullmatch(body):
        return True
    if groups[-1] == 1 and len(groups) > 2 and body[-2] == "-":
        groups = groups[:-1]
    if not 8 <= sum(groups) <= 11 or min(groups) < 2 or not 2 <= len(groups) <= 5:
        return False
    if _AREA.match(body):
        return True
    return sum(groups) >= 9 and body.startswith("0") and _AS_OTHERS.fullmatch(body) is None


def _shortened(run: str) -> Iterator[str]:
    """The run, and what is left when groups after a space are taken off: they may belong to something else."""
    while run:
        yield run
        run = run.rpartition(" ")[0].rstrip(" -./(")
        run = run if "(" in run else run.rstrip(")")


def _phone_like(text: str) -> bool | None:
    """7 to 15 digits (ITU-T E.164), an extension aside, and not the shape of a date."""
    body = _EXTENSION_START.split(text, maxsplit=1)[0].strip()
    if _DATE.fullmatch(body) or ("/" in body and "." in body):  # odds: 1.18/7.50/13.0
        return False
    return None if 7 <= len(digits(body)) <= 15 else False
