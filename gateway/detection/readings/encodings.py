"""What stands behind percent-encoding (RFC 3986), character references and tags (HTML) and base64 (RFC 4648); one level of it.

Decoding never makes a text longer, and each token is decoded once.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator

from gateway.detection.expressions import Places
from gateway.detection.readings.escapes import unescaping_rewrite
from gateway.detection.readings.normalise import readable
from gateway.detection.readings.reading import Edit, Rewrite
from gateway.detection.readings.spelled_mails import spelled_mails_rewrite

_PERCENT = re.compile("(?:%[0-9A-Fa-f]{2})+")
_NAMES = (
    "commat|period|plus|hyphen|dash|ndash|sol|colon|lowbar|num|nbsp|ensp|emsp|thinsp|shy|zwnj|zwj|ZeroWidthSpace|NoBreak|"
    "middot|apos|rsquo|lpar|rpar"
)
_ACCENTS = "acute|grave|uml|circ|tilde|cedil|ring|slash|caron"
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,24}[0-9]{0,2});")
_INLINE = "wbr|/?(?:b|i|u|s|em|strong|span|mark|font|small|nobr|bdi|bdo|code|a)"
_TAGS = rf"(?:<(?:!--[^<>]*|(?i:{_INLINE})(?: +[a-zA-Z-]+=[^<>]*)?) ?/?>)+"
"""What stands inside a line of HTML and shows nothing itself."""
_IN_A_VALUE = r"[\pL\pN@._+-]"
_INLINE_TAGS = re.compile(rf"(?<=[\w@.+-]){_TAGS}(?=[\w@.+-])")
_LONG_ENOUGH = 16
"""Characters of a token: 10 to 12 bytes, as a short mail address or a mobile number has."""
_TOKEN = Places("[A-Za-z0-9+/_-]{14,}={0,2}")
_BASE64_BEGINS = "(?:^|[^A-Za-z0-9+_-])[A-Za-f0-9][A-Za-z0-9+/_-]{13}(?:[A-Za-z0-9+/_-]{2}|[A-Za-z0-9+/_-]=|==)"
"""For the trigger: the first byte of an ASCII, Cyrillic or CJK text makes no other first letter."""
_SEGMENT = re.compile("[A-Za-z0-9+_-]{14,}={0,2}")
_PROBE = 64
"""Characters by which most of what is no text is told, before all of a token is decoded; a multiple of 4."""
_TO_STANDARD = str.maketrans("-_", "+/")


def decoding_rewrites() -> tuple[Rewrite, ...]:
    """In this order."""
    return (
        unescaping_rewrite(),
        Rewrite("%[0-9A-Fa-f]{2}", _percent_decoded),
        Rewrite(
            rf"&#[xX]?[0-9A-Fa-f]|{_IN_A_VALUE}&(?:{_NAMES});|[a-z]&[A-Za-z](?:acute|grave|uml|circ|tilde|cedil);", _resolved
        ),
        Rewrite(f"{_IN_A_VALUE}{_TAGS}{_IN_A_VALUE}", _without_tags),
        spelled_mails_rewrite(),
        Rewrite(_BASE64_BEGINS, _base64_decoded),
    )


def _percent_decoded(text: str) -> Iterator[Edit]:
    """Character by character; a run that is no UTF-8 stays as it is."""
    for run in _PERCENT.finditer(text):
        try:
            decoded = bytes.fromhex(run[0].replace("%", "")).decode()
        except UnicodeDecodeError:
            continue
        at = run.start()
        for character in decoded:
            end = at + 3 * len(character.encode())
            yield at, end, readable(character)
            at = end


def _resolved(text: str) -> Iterator[Edit]:
    for match in _REFERENCE.finditer(text):
        character = html.unescape(match[0])
        if character != match[0]:
            yield match.start(), match.end(), readable(character)


def _without_tags(text: str) -> Iterator[Edit]:
    return ((tags.start(), tags.end(), "") for tags in _INLINE_TAGS.finditer(text))


def _base64_decoded(text: str) -> Iterator[Edit]:
    """Whole tokens, or segments of a path: `/` is both a digit of base64 and what stands before one in a URL."""
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        decoded = _text_in(text[start:end])
        if decoded is not None:
            yield start, end, decoded
        elif text.find("/", start, end) >= 0:
            segments = _SEGMENT.finditer(text, start, end)
            yield from ((s.start(), s.end(), found) for s in segments if (found := _text_in(s[0])) is not None)


def _text_in(token: str) -> str | None:
    """None for what is no base64, or not of a text that people can read."""
    if len(token) < _LONG_ENOUGH or token.islower() or token.isupper():
        return None
    standard = token.rstrip("=").translate(_TO_STANDARD)
    if len(standard) > _PROBE and _decoded(standard[:_PROBE], cut=True) is None:
        return None
    return _decoded(standard, cut=False)


def _decoded(standard: str, *, cut: bool) -> str | None:
    try:
        raw = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
        text = raw.decode() if not cut else raw[: _last_whole_character(raw)].decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if "".join(text.split()).isprintable() else None


def _last_whole_character(raw: bytes) -> int:
    """Where to cut, so that no UTF-8 sequence is cut: before the last lead byte within reach."""
    for back in range(1, 4):
        if raw[-back] >= 0xC0:
            return len(raw) - back
    return len(raw)
