"""What the network takes for names and is none.

Variables and files of programs, laws and tools that bear a name, degrees, currencies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.detection.expressions import Places
from gateway.detection.taggers.sieve import Tag

_BEARS_A_NAME = re.compile(
    r"['’]s law(?= (?:and|is|says|states|of|in|to|for)(?![a-z])|[.,;?!)]|\Z)|(?<=Allen) keys?(?![A-Za-z])|"
    r"(?:['’]s?)? (?:theorem|lemma|conjecture|equations?|inequality|distribution|transforms?|algorithm|matrix|normal form|"
    r"process(?:es)?|syndrome|disease|palsy|effect|paradox|principle|razor|scale|constant|prior|approximation|integral|"
    r"series|polynomials?|curve|machine|test for|coefficient|correlation|method of|number theory|screwdrivers?|"
    r"wrench(?:es)?|knife|knives|spanner)(?![A-Za-z])"
)
"""What stands behind the name of whoever found or made it."""
_BINDS = frozenset(" '’")
_EPONYMS = frozenset({"PERSON", "LOCATION"})
_DEGREE = re.compile(
    r"(?:MD|DO|PhD|Ph\.D|RN|BSN|MSN|NP|PA-C|LCSW|LMFT|LPC|LMHC|CPA|CFA|CFP|Esq|DDS|DMD|DVM|PharmD|JD|LLB|LLM|MBA|MSc|BSc|"
    r"MBBS|FRCS|FRCP|MRCP|FACS|PMP|CISSP|PE|PT|DPT|OTR/L|CCC-SLP|EdD|PsyD|RD|LPN|CNM|CRNA|OBE|MBE|CBE|QC|KC)\.?"
)
_CURRENCY = re.compile(
    "(?:AED|ARS|AUD|BDT|BGN|BHD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|DZD|EGP|ETB|EUR|GBP|GEL|GHS|HKD|HUF|IDR|ILS|INR|IQD|ISK|JOD|JPY|"
    "KES|KRW|KWD|KZT|LBP|LKR|MAD|MUR|MXN|MYR|NAD|NGN|NOK|NPR|NZD|OMR|PEN|PHP|PKR|PLN|QAR|RMB|RON|RSD|RUB|RWF|SAR|SEK|SGD|THB|TND|"
    "TRY|TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VND|XAF|XOF|ZAR|ZMW)"
)
_AMOUNT_BEHIND, _AMOUNT_BEFORE = re.compile(r" ?[0-9]"), re.compile(r"[0-9][km]? ?\Z")
_PARTS = frozenset(" (,.[*&!")
_CODE_LINE = re.compile(
    r"[ \t]*(?:(?:async )?def |class |import |from \S+ import|return\b|elif |(?:export )?(?:const|let|var|function) |func |fn |"
    r"public |private |protected |static |@\w+\()|.*(?:[{};]\s*\Z|=>|->|::|self\.|this\.|\w\.\w+\()"
)
_DECLARES = re.compile(
    r"[ \t]*(?:class \w+(?:\([\w., =]*\))?[ ]?[:{]|from [\w.]+ import |import (?:\{|[\w.]+(?:;|\n| as |, )))"
)
_MAY_BE_CODE = Places(
    r"(?m)[{};][ \t\r]*$|=>|->|::|self\.|this\.|[A-Za-z0-9_]\.[A-Za-z0-9_]+\(|[A-Za-z0-9_.-]/|"
    r"^[ \t]*(?:(?:async )?def |class |import |from |return|elif |export |const |let |var |function |func |fn |public |"
    r"private |protected |static |@)"
)
"""Most texts have nothing of it."""
_COMMENT = re.compile(r"#|//|--|/\*|\"\"\"")
_PATH = re.compile(r"[\w.-]*(?:/[\w.-]+)+\.[A-Za-z]{1,5}(?![\w/])")
_HOMES = re.compile(r"(?i)(?:home|users)/")
_REACH = 80


def without_no_names(text: str, tags: Iterable[Tag]) -> Iterator[Tag]:
    """`tags` without such."""
    is_code: bool | None = None
    declares = "import " in text or "class " in text
    for tag in tags:
        value = text[tag.start : tag.end]
        if value.islower():
            is_code = _MAY_BE_CODE.search(text) is not None if is_code is None else is_code
            if is_code and _is_of_a_program(text, tag):
                continue
        if " " in value or not (_is_no_name(text, tag, value) or (declares and _is_declared(text, tag))):
            yield tag


def _is_no_name(text: str, tag: Tag, value: str) -> bool:
    if value.isupper() and _CURRENCY.fullmatch(value) is not None:
        return bool(_AMOUNT_BEHIND.match(text, tag.end) or _AMOUNT_BEFORE.search(text, max(0, tag.start - 4), tag.start))
    if tag.entity != "PERSON" and text[tag.start - 2 : tag.start] == ", " and _DEGREE.fullmatch(value) is not None:
        return True
    return text[tag.end : tag.end + 1] in _BINDS and tag.entity in _EPONYMS and _BEARS_A_NAME.match(text, tag.end) is not None


def _is_declared(text: str, tag: Tag) -> bool:
    """A class, or what is imported."""
    line = text.rfind("\n", max(0, tag.start - _REACH), tag.start) + 1
    return _DECLARES.match(text, max(line, tag.start - _REACH), tag.end + _REACH) is not None


def _is_of_a_program(text: str, tag: Tag) -> bool:
    """A variable or a part of a path; not what is quoted, assigned or said in a comment."""
    left = max(0, tag.start - _REACH)
    line = max(text.rfind("\n", left, tag.start) + 1, left)
    before = text[line : tag.start]
    if before[-1:] in _PARTS and before.rstrip()[-1:] not in "=:" and _COMMENT.search(before) is None:
        end = text.find("\n", tag.end, tag.end + _REACH)
        if _CODE_LINE.match(text, line, end if end >= 0 else min(tag.end + _REACH, len(text))):
            return True
    first = max(before.rfind(sign) for sign in " \"'`(") + 1
    path = _PATH.match(before[first:] + text[tag.start : tag.end + _REACH])
    return path is not None and path.end() > len(before) - first + tag.end - tag.start and _HOMES.search(path[0]) is None
