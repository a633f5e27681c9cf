"""Numbers as digits, whether they were written in digits, in English words or in Chinese numerals. Pure.

Only what can be read in one way: `三五天` are three to five days, `两千五` is 2,500, `no one` is nobody.
"""

from __future__ import annotations

import re

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS = {**{word: number for number, word in enumerate(_SMALL)}, **_TENS}

_DIGITS = {**{numeral: number for number, numeral in enumerate("零一二三四五六七八九")}, "〇": 0}
_SCALES = {"十": 10, "百": 100, "千": 1_000}
_NUMERALS = "零〇一二两三四五六七八九十百千万亿"
_COUNTED = "[个天年月日号周岁次种条件元块米克斤页章课层楼位名家台辆本张篇句字倍人]|分钟|小时|点"
_RUN = re.compile(f"(?<![几{_NUMERALS}])[{_NUMERALS}]+(?={_COUNTED})")

_ONES = "[一二三四五六七八九]"
_TENS_OF = f"(?:{_ONES}?十{_ONES}?)"
_HUNDREDS_OF = f"(?:{_ONES}百(?:零{_ONES}|{_ONES}十{_ONES}?)?)"
_THOUSANDS_OF = f"(?:{_ONES}千(?:零(?:{_ONES}|{_ONES}十{_ONES}?)|{_HUNDREDS_OF})?)"
_WRITTEN_OUT = re.compile(f"{_ONES}|{_TENS_OF}|{_HUNDREDS_OF}|{_THOUSANDS_OF}")
_YEAR = re.compile("[零〇一二三四五六七八九]{4}")


def english_number(word: str) -> str | None:
    """`seven`, `twenty-five`; None for other words, and for `one`, which may be somebody."""
    tens, _, ones = word.partition("-")
    if ones:
        return str(_TENS[tens] + _WORDS[ones]) if tens in _TENS and 0 < _WORDS.get(ones, 0) < 10 else None
    return str(_WORDS[word]) if word in _WORDS and word != "one" else None


def with_digits(han: str) -> str:
    """Chinese numerals before what is counted become digits; elsewhere they are parts of words."""
    return _RUN.sub(lambda found: _in_digits(found, han), han)


def _in_digits(found: re.Match[str], han: str) -> str:
    counted, numeral = han[found.end()], found[0]
    if counted == "点" and numeral == "一":  # a little, or one o'clock
        return numeral
    number = chinese_number(numeral, of_years=counted == "年")
    return numeral if number is None else str(number)


def chinese_number(numeral: str, *, of_years: bool = False) -> int | None:
    """Below 10,000, and a year's four digits; None for what is no such number, or has two readings."""
    if of_years and _YEAR.fullmatch(numeral):
        return int("".join(str(_DIGITS[digit]) for digit in numeral))
    if not _WRITTEN_OUT.fullmatch(numeral):
        return None
    total = digit = 0
    for sign in numeral:
        if sign in _SCALES:
            total += (digit or 1) * _SCALES[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit
