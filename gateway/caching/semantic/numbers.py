"""Numbers as digits, whether they were written in digits, in English words or in Chinese numerals. Pure."""

from __future__ import annotations

import re

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS = {**{word: number for number, word in enumerate(_SMALL)}, **_TENS}

_DIGITS = {**{numeral: number for number, numeral in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1_000}
_COUNTED = "个天年月日号周岁次种条件元块米克斤页章课层楼位名家台辆本张篇句字倍人分钟小点"
_NUMERAL = re.compile(f"[零〇一二两三四五六七八九十百千万]+(?=[{_COUNTED}])")
_PLACES = re.compile("[零〇一二三四五六七八九]+")


def english_number(word: str) -> str | None:
    """`seven`, `twenty-five`; None for other words."""
    tens, _, ones = word.partition("-")
    if ones:
        return str(_TENS[tens] + _WORDS[ones]) if tens in _TENS and 0 < _WORDS.get(ones, 0) < 10 else None
    return str(_WORDS[word]) if word in _WORDS else None


def with_digits(han: str) -> str:
    """Chinese numerals before what is counted become digits; elsewhere they are parts of words."""
    return _NUMERAL.sub(lambda found: str(chinese_number(found.group())), han)


def chinese_number(numeral: str) -> int:
    """Up to 99,999,999; `二〇二六` reads digit by digit."""
    if len(numeral) > 1 and _PLACES.fullmatch(numeral):
        return int("".join(str(_DIGITS[digit]) for digit in numeral))
    above, _, below = numeral.rpartition("万")
    return (_below_ten_thousand(above) or 1) * 10_000 * ("万" in numeral) + _below_ten_thousand(below)


def _below_ten_thousand(numeral: str) -> int:
    total = digit = 0
    for sign in numeral:
        if sign in _SCALES:
            total += (digit or 1) * _SCALES[sign]
            digit = 0
        else:
            digit = _DIGITS.get(sign, 0)
    return total + digit
