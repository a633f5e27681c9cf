"""Mail addresses that are written for people: `jane at example dot com`, `jane.roe [at] example.com`, `jane@example[.]com`.

"Look at example.com" is prose: a bare `at` counts before a spelled `dot` only. Whether the domain can be one is for those to
say who look for mail addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detection.readings.reading import Edit, Rewrite

_OPEN, _CLOSE = r"[ \t]?[\[({<][ \t]?", r"[ \t]?[\])}>][ \t]?"
_AT_MARKED = rf"{_OPEN}(?:[aA][tT]|@){_CLOSE}"
_DOT_SPELLED = rf"(?:{_OPEN}(?:[dD][oO][tT]|\.){_CLOSE}|[ \t](?:dot|DOT|Dot)[ \t]|点)"
_PART, _LABEL = "[A-Za-z0-9_%+-]{1,64}", r"(?!the[ \t])[A-Za-z0-9-]{1,63}"
_ANY_DOT = rf"(?:\.|{_DOT_SPELLED})"
_LOCAL = rf"(?<![A-Za-z0-9._%+-]){_PART}(?:{_ANY_DOT}{_PART}){{0,3}}"
_MARKED = rf"{_LOCAL}{_AT_MARKED}{_LABEL}(?:{_ANY_DOT}{_LABEL}){{1,3}}"
_SPELLED = rf"{_LOCAL}(?:@|[ \t](?:at|AT|At)[ \t]|{_AT_MARKED}){_LABEL}(?:{_DOT_SPELLED}{_LABEL}){{1,3}}"
_ADDRESS = re.compile(rf"(?:{_MARKED}|{_SPELLED})(?![A-Za-z0-9])")
_MARKS = re.compile(rf"(?P<at>{_AT_MARKED}|[ \t](?:at|AT|At)[ \t])|{_DOT_SPELLED}")
_WORTH_READING = rf"[A-Za-z0-9]{_AT_MARKED}[A-Za-z0-9]|(?:@|[ \t](?:at|AT|At)[ \t])[A-Za-z0-9-]+{_DOT_SPELLED}[A-Za-z0-9]"


def spelled_mails_rewrite() -> Rewrite:
    """Each word or mark of such an address as the character that it stands for."""
    return Rewrite(_WORTH_READING, _written)


def _written(text: str) -> Iterator[Edit]:
    for address in _ADDRESS.finditer(text):
        for mark in _MARKS.finditer(text, *address.span()):
            yield mark.start(), mark.end(), "." if mark["at"] is None else "@"
