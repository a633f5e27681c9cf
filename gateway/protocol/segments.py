"""What a reader would read inside one string of the wire, and the way back.

A string leaf is usually text as it stands. Some leaves are JSON documents in a string (tool-call arguments, tool results),
where `张伟` may be spelled `\\u5f20\\u4f1f` and a quotation mark must stay escaped. A leaf is therefore read as *segments*:
decoded texts that know which range of the raw string each of their code points came from. Replacing a range of a segment
changes only that range of the raw string, so everything that is not personal data stays as it was, byte for byte.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

import orjson

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|\Z)', re.DOTALL)
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_LOW_SURROGATE = re.compile(r"\\+u([dD][c-fC-F][0-9a-fA-F]{2})")
_NESTED_ESCAPE = re.compile(r'(?<!\\)\\++(?:u([0-9a-fA-F]{4})|(["/bfnrt]))')
_NESTED_ESCAPES = 3
_NUMBER = re.compile(r"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+")
_STRUCTURE = re.compile(
    r"[ \t\r\n]*+(?:SCALAR[ \t\r\n]*+)?+(?:[{}\[\]:,][ \t\r\n]*+(?:SCALAR[ \t\r\n]*+)?+)*+".replace(
        "SCALAR", f"(?:true|false|null|{_NUMBER.pattern})"
    )
)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})")
_NO_IDENTIFIER = re.compile("[^A-Za-z0-9_.-]")
_INT64 = range(-(2**63), 2**64)
_LONG_NUMBER = 10**5
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Quoting(Enum):
    """How a replacement is written into the raw string."""

    PLAIN = "plain"
    IDENTIFIER = "identifier"  # names that backends check against [A-Za-z0-9_.-]: no brackets, no space of a surrogate
    JSON_STRING = "json string"
    JSON_NUMBER = "json number"

    def quote(self, text: str) -> str:
        match self:
            case Quoting.PLAIN:
                return text
            case Quoting.IDENTIFIER:
                return _NO_IDENTIFIER.sub("_", text.strip("<>"))
            case Quoting.JSON_STRING:
                return json_escaped(text)
            case Quoting.JSON_NUMBER:
                return f'"{json_escaped(text)}"'


@dataclass(frozen=True, slots=True)
class Segment:
    """A decoded text. `offsets[i]` is where code point `i` starts in the raw string; None means `start + i`.

    `label` is the key that a JSON document gives the text, however it is spelled there: `name` says much about `张伟`.
    """

    text: str = field(repr=False)
    start: int
    quoting: Quoting
    offsets: Sequence[int] | None = field(default=None, repr=False)
    label: str = field(default="", repr=False)

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        if self.offsets is None:
            return self.start + start, self.start + end
        return self.offsets[start], self.offsets[end]


@dataclass(frozen=True, slots=True)
class Replacement:
    """Put `text` in place of `segment.text[start:end]`."""

    segment: Segment
    start: int
    end: int
    text: str = field(repr=False)


class Edit(NamedTuple):
    """A range of a raw string, and what is to stand there."""

    start: int
    end: int
    text: str


def json_escaped(text: str) -> str:
    """`text` as it stands between the quotation marks of a JSON string (RFC 8259 section 7)."""
    return orjson.dumps(text).decode()[1:-1]


def integer_of(text: str) -> int | None:
    """The integer that JSON writes like this, where every reader of JSON takes it for the same."""
    number = int(text) if _INTEGER.fullmatch(text) else None
    return number if number is not None and number in _INT64 else None


def is_json_document(raw: str) -> bool:
    """Whether a string holds a JSON object or array, as tool arguments and tool results do."""
    head = raw.lstrip()[:1]
    if head not in ("{", "["):
        return False
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


def segments(raw: str, *, json: bool, identifier: bool = False) -> tuple[Segment, ...]:
    """Read a raw string. With `json`, its string literals and long numbers; else the whole string as one segment."""
    if not json:
        return (_unescaped(Segment(raw, 0, Quoting.IDENTIFIER if identifier else Quoting.PLAIN)),)
    return tuple(_json_segments(raw))


def splice(raw: str, replacements: Iterable[Replacement]) -> str:
    """Apply replacements that do not overlap."""
    pieces, at = [], 0
    for start, end, text in edits_of(replacements):
        pieces += [raw[at:start], text]
        at = end
    return "".join([*pieces, raw[at:]])


def edits_of(replacements: Iterable[Replacement]) -> list[Edit]:
    """What replacements that do not overlap do to the raw string, from left to right."""
    return sorted(_edits(replacements))


def _edits(replacements: Iterable[Replacement]) -> Iterator[Edit]:
    numbers: dict[int, list[Replacement]] = {}
    for one in replacements:
        if one.segment.quoting is Quoting.JSON_NUMBER:
            numbers.setdefault(one.segment.start, []).append(one)
        else:
            yield Edit(*one.segment.raw_span(one.start, one.end), one.segment.quoting.quote(one.text))
    yield from map(_number_edit, numbers.values())


def _number_edit(replacements: Sequence[Replacement]) -> Edit:
    """A number is rewritten as a whole: what is left of it beside a placeholder would be no JSON. It stays a number where it
    gets a surrogate that is one: who reads the document may want a number.
    """
    segment = replacements[0].segment
    spelled = Segment(segment.text, 0, Quoting.PLAIN)
    text = splice(segment.text, [replace(one, segment=spelled) for one in replacements])
    stays = len(text) == len(segment.text) and integer_of(text) is not None
    return Edit(*segment.raw_span(0, len(segment.text)), text if stays else segment.quoting.quote(text))


def _json_segments(raw: str) -> Iterable[Segment]:
    at, last = 0, ""
    for literal in _STRING.finditer(raw):
        yield from _bare_segments(raw, at, literal.start(), last)
        label = last if raw[at : literal.start()].strip() == ":" else ""
        segment = _string_segment(literal.group(1), literal.start(1), label)
        yield segment
        at, last = literal.end(), segment.text
    yield from _bare_segments(raw, at, len(raw), last)


def _bare_segments(raw: str, start: int, end: int, last: str) -> Iterable[Segment]:
    """Between string literals: numbers long enough to be somebody's, and text where the document is no JSON after all."""
    between = raw[start:end]
    label = last if between.lstrip().startswith(":") else ""
    if not _STRUCTURE.fullmatch(between):
        yield _unescaped(Segment(between, start, Quoting.PLAIN, label=label))
        return
    for number in _NUMBER.finditer(between):
        if abs(float(number.group())) >= _LONG_NUMBER:
            yield _number_segment(number.group(), start + number.start(), label)


def _number_segment(raw: str, start: int, label: str) -> Segment:
    text = _spelled(raw)
    offsets = None if text == raw else [start] * len(text) + [start + len(raw)]
    return Segment(text, start, Quoting.JSON_NUMBER, offsets, label)


def _spelled(raw: str) -> str:
    """A JSON number in plain decimals: `1.3812345678e10` and `13812345678.0` are `13812345678`."""
    if raw.lstrip("-").isdecimal() or abs(float(raw)) == math.inf:
        return raw
    number = Decimal(raw)
    return f"{number:.0f}" if number == number.to_integral_value() else f"{number:f}"


def _string_segment(raw: str, start: int, label: str) -> Segment:
    segment = Segment(raw, start, Quoting.JSON_STRING, label=label)
    return _unescaped(_decoded(segment, _ESCAPE)) if "\\" in raw else segment


def _unescaped(segment: Segment) -> Segment:
    """Undo the escapes that are left in a text: JSON or code quoted in prose, or JSON inside another JSON string.

    `\\n13812345678` would else be a letter grown together with a number. What is no escape after all (`C:\\new`) is read
    wrongly in two characters, and written back as it was.
    """
    for _ in range(_NESTED_ESCAPES):
        if "\\" not in segment.text or not _NESTED_ESCAPE.search(segment.text):
            break
        segment = _decoded(segment, _NESTED_ESCAPE)
    return segment


def _decoded(segment: Segment, escape: re.Pattern[str]) -> Segment:
    """The segment with its escapes undone; offsets go on pointing into the raw string."""
    text, pieces, origins, at = segment.text, list[str](), list[int](), 0
    for found in escape.finditer(text):
        if found.start() < at:
            continue  # the second half of a surrogate pair, already taken
        pieces.append(text[at : found.start()])
        origins.extend(range(at, found.start()))
        char, end = _character(text, found)
        pieces.append(char)
        origins.append(found.start())
        at = end
    pieces.append(text[at:])
    origins.extend(range(at, len(text) + 1))
    offsets = [segment.raw_span(origin, origin)[0] for origin in origins]
    return replace(segment, text="".join(pieces), offsets=offsets)


def _character(text: str, escape: re.Match[str]) -> tuple[str, int]:
    """The character that an escape stands for, and where its spelling ends; surrogate pairs are one character."""
    if not escape.group(1):
        return _SIMPLE[escape.group(2)], escape.end()
    high = int(escape.group(1), 16)
    if not 0xD800 <= high < 0xE000:
        return chr(high), escape.end()
    low = _LOW_SURROGATE.match(text, escape.end())
    if high < 0xDC00 and low:
        return chr(0x10000 + ((high - 0xD800) << 10) + (int(low.group(1), 16) - 0xDC00)), low.end()
    return "\ufffd", escape.end()  # a lone surrogate is no character
