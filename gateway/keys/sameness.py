"""When two ways of writing a value mean the same, so that a person is found however the value was typed. Pure.

Equal are: full and half width, and other forms that Unicode calls compatible (NFKC); upper and lower case; any amount of white
space; curly and straight apostrophes, long and short dashes; names in Chinese characters with and without a space; and numbers
(phones, cards, accounts, identity numbers) with and without separators. A mobile number of mainland China is the same
with and without +86.

Not equal are: other spellings and parts of a name, traditional and simplified characters, and national and international
forms of other phone numbers.
Dates and network addresses keep their separators: 1.12.1990 is not 11.2.1990, nor 1.23.4.5 12.3.4.5.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from unicodedata import category, normalize

_PLAIN = str.maketrans({**dict.fromkeys("‐‑‒–—―−", "-"), **dict.fromkeys("‘’ʼ´", "'")})
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ONLY_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff]+")
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}·]) (?=[{_HAN}·])")
_SEPARATED = re.compile(r"\+?\(?[0-9a-z][0-9a-z ().-]*")
_SEPARATOR = re.compile(r"[ ().-]")
_DATE = re.compile(r"\d{1,4}[ .-]\d{1,2}[ .-]\d{1,4}")
_CHINA_MOBILE = re.compile(r"(?:\+86|0086|86)(1[3-9]\d{9})")
_FEWEST_DIGITS = 7


def normalised(value: str) -> str:
    """The form in which values are compared."""
    if _ONLY_HAN.fullmatch(value):  # quick, for long titles: none of these characters has another form
        return value
    text = " ".join((value.lower() if value.isascii() else _folded(value)).split())
    if not text.isascii():
        text = _BETWEEN_HAN.sub("", text)
    return _joined(text) if _is_number(text) else text


def _folded(value: str) -> str:
    """Full NFKC case folding, less what cannot be seen (Unicode 3.13, D146)."""
    folded = normalize("NFKC", normalize("NFKC", value.translate(_PLAIN)).casefold()).translate(_PLAIN)
    return "".join(letter for letter in folded if category(letter) != "Cf")


def _is_number(text: str) -> bool:
    """At least seven digits, and more of them than letters: an account with letters in it is one, a sentence is not."""
    digits = sum(map(str.isdigit, text))
    if digits < _FEWEST_DIGITS or digits <= sum(map(str.isalpha, text)) or not _SEPARATED.fullmatch(text):
        return False
    return not _DATE.fullmatch(text) and not _is_address(text)


def _joined(text: str) -> str:
    number = _SEPARATOR.sub("", text)
    return _CHINA_MOBILE.sub(r"\1", number) if _CHINA_MOBILE.fullmatch(number) else number


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
