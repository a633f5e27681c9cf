"""Numbers that are spelled digit by digit, grouped in unusual ways, broken over two lines, or written with letters for digits.

Lists, matrices, versions and tables look the same. So whoever reads a joined text believes only what a checksum or a word
before it confirms, and rows of single digits under one another stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from gateway.detection.readings.reading import Edit, Rewrite

_LEAST = 9
"""Characters of what is joined. With dots 11: object identifiers (ITU-T X.660) have up to 10 single digits."""
_SPELLED = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Za-z](?: [0-9A-Za-z@._+-]){8,}(?![0-9A-Za-z])|"
    r"(?<![0-9A-Za-z.])[0-9](?:\.[0-9Xx]){10,}(?!\.?[0-9A-Za-z])|"
    r"(?<![0-9A-Za-z-])[0-9](?:-[0-9Xx]){8,}(?!-?[0-9A-Za-z])|"
    r"(?<![0-9A-Za-z])[0-9](?:\n[0-9Xx]){8,}(?![0-9A-Za-z])|"
    r"(?<![0-9A-Za-z])[0-9](?:\r\n[0-9Xx]){8,}(?![0-9A-Za-z])"
)
_SPELLED_TRIGGER = r"(?: [0-9A-Za-z@._+-]){8}|[0-9](?:\.[0-9Xx]){10}|[0-9](?:-[0-9Xx]){8}|[0-9](?:\r?\n[0-9Xx]){8}"
_BETWEEN_GROUPS = r"[._/·*、]| [·*-] |  "
_GROUPED = re.compile(
    rf"(?<![0-9A-Za-z._/])[0-9]{{4,8}}({_BETWEEN_GROUPS})[0-9]{{4,8}}(?:\1[0-9]{{3,8}}){{1,3}}[Xx]?(?![0-9A-Za-z]|[._/][0-9])"
)
_GROUPED_TRIGGER = rf"[0-9]{{4}}(?:{_BETWEEN_GROUPS})[0-9]{{4,8}}(?:{_BETWEEN_GROUPS})[0-9]{{3}}"
_BREAK = r"=?\r?\n(?:> ?)*[ \t]{0,8}"
"""With the soft line break of quoted-printable (RFC 2045) and what marks a quoted mail."""
_BROKEN = re.compile(
    rf"(?<![0-9A-Za-z.-])[0-9]{{2,18}}({_BREAK})[0-9]{{2,18}}[Xx]?(?![0-9A-Za-z.-]|[ \t]{{0,8}}\||\t|[,;][^\s])"
)
_BROKEN_TRIGGER = r"[0-9]{2}=?\r?\n[> \t]*[0-9]{2}"
_LOOK_BACK = 80
_WITH_LETTERS = re.compile(rf"(?<![0-9A-Za-z])[0-9OoIl]{{{_LEAST},}}(?![0-9A-Za-z])")
_DIGITS_FOR_LETTERS = str.maketrans("OoIl", "0011")
_FEW = 3
"""Letters that a number may have for digits."""


def joining_rewrites() -> tuple[Rewrite, ...]:
    """In this order."""
    return (
        Rewrite(_SPELLED_TRIGGER, _spelled),
        Rewrite(_GROUPED_TRIGGER, _grouped),
        Rewrite(_BROKEN_TRIGGER, _broken),
        Rewrite("[OoIl][0-9]{2}|[0-9]{2}[OoIl]", _with_letters),
    )


def _spelled(text: str) -> Iterator[Edit]:
    runs = [match.span() for match in _SPELLED.finditer(text)]
    rows = {at for at, (one, other) in enumerate(pairwise(runs)) if _are_rows(text[one[1] : other[0]])}
    for at, (start, end) in enumerate(runs):
        if not rows & {at, at - 1}:
            width = 3 if text[start + 1] == "\r" else 2
            yield from ((place - width + 1, place, "") for place in range(start + width, end, width))


def _are_rows(between: str) -> bool:
    """Whether nothing but one line break, and what draws a frame, lies between two runs."""
    return len(between) <= _LOOK_BACK and between.count("\n") == 1 and not any(c.isalnum() for c in between)


def _grouped(text: str) -> Iterator[Edit]:
    for match in _GROUPED.finditer(text):
        value = match[0].replace(match[1], "")
        if len(value) >= _LEAST:
            yield match.start(), match.end(), value


def _broken(text: str) -> Iterator[Edit]:
    for match in _BROKEN.finditer(text):
        before = text[max(0, match.start() - _LOOK_BACK) : match.start()].rpartition("\n")[2]
        if _is_prose(before) and match.end() - match.start() > _LEAST:
            yield match.start(1), match.end(1), ""


def _is_prose(before: str) -> bool:
    """Whether a number ends a line of running text, by what is before it: in a column nothing, or what ends a cell."""
    return any(c.isalpha() for c in before) and not before.rstrip(" ").endswith((",", ";", "|", "\t"))


def _with_letters(text: str) -> Iterator[Edit]:
    for match in _WITH_LETTERS.finditer(text):
        letters = sum(c.isalpha() for c in match[0])
        if 0 < letters <= _FEW:
            yield match.start(), match.end(), match[0].translate(_DIGITS_FOR_LETTERS)
