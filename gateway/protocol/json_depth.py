"""How deep inside JSON a place is, while the document is still arriving.

Arguments of tools may hold a JSON document in a string, and that one another. What is written into an inner document has to be
escaped once for each string around it. A string may also hold several documents, one a line.
"""

from __future__ import annotations

import re
from enum import Enum, auto

_SPACE = " \t\r\n"
_LITERALS = ("true", "false", "null")
_NUMERIC = frozenset("0123456789+-.eE")
_BEGINS_NUMBER = frozenset("-0123456789")
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = frozenset("0123456789abcdefABCDEF")
_MEANS_MORE = re.compile(r'["\\]')
_BOM = "\ufeff"
DEEPEST = 4
"""Strings in strings that are followed."""


class _Next(Enum):
    """What the document goes on with."""

    ROOT = auto()
    VALUE = auto()
    FIRST_VALUE = auto()  # or the end of an empty array
    KEY = auto()
    FIRST_KEY = auto()  # or the end of an empty object
    COLON = auto()
    COMMA = auto()  # or the end
    STRING = auto()
    NOTHING = auto()  # it is none


_VALUES = frozenset({_Next.VALUE, _Next.FIRST_VALUE})
_KEYS = frozenset({_Next.KEY, _Next.FIRST_KEY})
_ENDS = {"}": frozenset({_Next.COMMA, _Next.FIRST_KEY}), "]": frozenset({_Next.COMMA, _Next.FIRST_VALUE})}
_OPENED = {"{": "}", "[": "]"}


class JsonDepth:
    """Follows an object or array from its first character, and those on lines after it. What turns out to be none has a depth
    of 0 from there on. The outermost document may also be a string; in a string, a text that begins with a quotation mark is
    one that quotes something.

    It goes by what it has seen, so it does not matter how a text is cut into pieces. `levels`: strings in strings that count.
    """

    def __init__(self, levels: int = DEEPEST, *, is_inner: bool = False) -> None:
        self._levels = levels
        self._is_inner = is_inner
        self._next = _Next.ROOT
        self._ends: list[str] = []
        self._is_key = False
        self._word = ""
        self._escape = ""
        self._inner: JsonDepth | None = None

    @property
    def depth(self) -> int:
        """How many strings, of documents in each other, the next character stands in."""
        if self._next is not _Next.STRING:
            return 0
        return 1 + (self._inner.depth if self._inner is not None else 0)

    @property
    def at_value(self) -> bool:
        """Whether the innermost document goes on with a value of which nothing has been seen yet."""
        if self._next is _Next.STRING:
            return self._inner is not None and self._inner.at_value
        return self._next in _VALUES

    def feed(self, text: str) -> None:
        at = 0
        while at < len(text) and self._next is not _Next.NOTHING:
            if self._next is _Next.STRING:
                at = self._within(text, at)
            else:
                self._between(text[at])
                at += 1

    def _between(self, char: str) -> None:
        if self._word and self._goes_on(char):
            return
        if char in _SPACE or (char == _BOM and self._next is _Next.ROOT):
            self._end_line(char)
            return
        before, self._next = self._next, _Next.NOTHING
        if char in _ENDS:
            self._close(char, before)
        elif char in ",:":
            self._separate(char, before)
        else:
            self._start(char, before)

    def _end_line(self, char: str) -> None:
        if char == "\n" and self._next is _Next.COMMA and not self._ends:
            self._next = _Next.ROOT

    def _close(self, char: str, before: _Next) -> None:
        if before in _ENDS[char] and self._ends[-1:] == [char]:
            self._ends.pop()
            self._next = _Next.COMMA

    def _separate(self, char: str, before: _Next) -> None:
        if char == ":" and before is _Next.COLON:
            self._next = _Next.VALUE
        elif char == "," and before is _Next.COMMA and self._ends:
            self._next = _Next.KEY if self._ends[-1] == "}" else _Next.VALUE

    def _start(self, char: str, before: _Next) -> None:
        if char == '"' and (before in _VALUES | _KEYS or (before is _Next.ROOT and not self._is_inner)):
            self._begin(is_key=before in _KEYS)
        elif char in _OPENED and before in _VALUES | {_Next.ROOT}:
            self._ends.append(_OPENED[char])
            self._next = _Next.FIRST_KEY if char == "{" else _Next.FIRST_VALUE
        elif before in _VALUES:
            self._grow(char)

    def _goes_on(self, char: str) -> bool:
        """Whether a number or literal does; where it has ended, it has to be one."""
        if char in _NUMERIC or char.isalpha():
            self._grow(char)
            return True
        if self._word.isalpha() and self._word not in _LITERALS:
            self._next = _Next.NOTHING
        self._word = ""
        return False

    def _grow(self, char: str) -> None:
        """A number, of which only the first character is kept, or a literal, as far as it goes."""
        if (self._word or char)[0] in _BEGINS_NUMBER:
            self._word = self._word or char
            fits = char in _NUMERIC
        else:
            self._word += char
            fits = any(literal.startswith(self._word) for literal in _LITERALS)
        self._next = _Next.COMMA if fits else _Next.NOTHING

    def _begin(self, *, is_key: bool) -> None:
        self._next, self._is_key = _Next.STRING, is_key
        self._inner = JsonDepth(self._levels - 1, is_inner=True) if self._levels > 1 else None

    def _within(self, text: str, at: int) -> int:
        """Read on in a string; how far it came."""
        if self._escape:
            self._unescape(text[at])
        elif text[at] == "\\":
            self._escape = text[at]
        elif text[at] == '"':
            self._next, self._inner = _Next.COLON if self._is_key else _Next.COMMA, None
        else:
            found = _MEANS_MORE.search(text, at)
            end = found.start() if found else len(text)
            self._say(text[at:end])
            return end
        return at + 1

    def _unescape(self, char: str) -> None:
        self._escape += char
        if char in _SIMPLE and len(self._escape) == 2:
            self._escape = ""
            self._say(_SIMPLE[char])
        elif self._escape[1] != "u" or (len(self._escape) > 2 and char not in _HEX):
            self._next = _Next.NOTHING
        elif len(self._escape) == 6:
            said, self._escape = chr(int(self._escape[2:], 16)), ""
            self._say(said)

    def _say(self, text: str) -> None:
        if self._inner is not None:
            self._inner.feed(text)
