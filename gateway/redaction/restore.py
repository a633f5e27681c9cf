"""Puts originals back into an answer, whole or while it streams.

`Restorer.whole` restores a finished text. `StreamRestorer` does the same for a text that arrives in pieces: it holds back
only a tail that could still become (part of) a placeholder or surrogate, so that for every way of cutting a text

    "".join(stream.feed(piece) for piece in pieces) + stream.finish() == restorer.whole(text)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from heapq import merge
from json import dumps
from urllib.parse import quote

from gateway.detection.literals import Literals
from gateway.protocol.segments import json_escaped
from gateway.redaction.placeholders import (
    CLOSINGS,
    HIGHEST_NUMBER,
    OPENINGS,
    Key,
    backslashes_before,
    key_of,
    spelled,
    spelling_pattern,
)
from gateway.redaction.recall import Recall
from gateway.redaction.word_edges import character_before, without_escapes

_LONGEST_DECORATION = 24  # brackets, spaces and escaped underscores around a name, at most


def _plain(text: str) -> str:
    return text


@dataclass(frozen=True)
class Restorer:
    """The originals of one exchange: by placeholder, and by surrogate (which a model must give back literally).

    An identifier that holds a placeholder (`call_PERSON_1`) is a surrogate of the original identifier. With `recall`, other
    placeholders may be restored too: whoever restores a text has it learn those that are `unknown` in it first.
    """

    placeholders: Mapping[Key, str] = field(repr=False)
    surrogates: Mapping[str, str] = field(repr=False)
    recall: Recall | None = field(default=None, repr=False)

    def whole(self, text: str, *, json: bool = False) -> str:
        """Restore a finished text; with `json`, originals are escaped as inside a JSON string."""
        reader, written = (self._in_json, json_escaped) if json else (self, _plain)
        if reader.begins_nowhere(text):
            return text
        pieces, at = [], 0
        for start, end, original in reader.spans(text):
            pieces += [text[at:start], written(original)]
            at = end
        return "".join([*pieces, text[at:]])

    def stream(self, *, json: bool = False) -> StreamRestorer:
        return StreamRestorer(self._in_json, json_escaped) if json else StreamRestorer(self, _plain)

    def spans(self, text: str, at: int = 0) -> Iterator[tuple[int, int, str]]:
        """Where something of this exchange stands in a text, from left to right without overlap, and what it stands for."""
        if not self.surrogates:
            yield from self._placeholder_spans(text, at)
            return
        end_of_last = at
        for start, end, original in merge(self._placeholder_spans(text, at), self._surrogate_spans(text, at)):
            if start >= end_of_last:
                yield start, end, original
                end_of_last = end

    def unknown(self, text: str, at: int = 0, end: int | None = None) -> frozenset[Key]:
        """Placeholders that begin between `at` and `end` of a text, and that `recall` has to learn before it is restored."""
        recall = self.recall
        if recall is None or not self._entities:
            return frozenset()
        found = (match for match in self._spellings_in(text, at) if end is None or match.start() < end)
        return frozenset(key for key in map(key_of, found) if key not in self.placeholders and recall.lacks(key))

    def may_grow(self, tail: str, before: str) -> bool:
        """Whether more characters could turn `tail` into a match, or change the match that it is. May err towards yes."""
        if tail in self._surrogate_beginnings:
            return True
        body = _after_opening(tail)
        if body is None:
            return bool(self._entities)
        if body is tail and (before.isascii() and (before.isalnum() or before == "_")):
            return False
        return self._may_become_a_placeholder(body)

    def begins_nowhere(self, text: str) -> bool:
        """Whether a text holds no character with which something to restore may begin: most pieces of a stream do not."""
        return self.is_empty or self.beginnings.search(text) is None

    @cached_property
    def is_empty(self) -> bool:
        return not self._entities and not self.surrogates

    @cached_property
    def beginnings(self) -> re.Pattern[str]:
        """Where something to restore may begin: a bracket, or the first character of a name with its second one, or the end
        of the text, after it. So `Please` is no beginning of `PERSON_1`."""
        seconds: dict[str, set[str]] = {}
        for entity in self._entities:
            seconds.setdefault(entity[0], set()).update(_after_first(entity))
        for name in self.surrogates:
            seconds.setdefault(name[0], set()).add(name[1:2])
        brackets = sorted({opening[0] for opening in OPENINGS}) if self._entities else []
        return _compiled("|".join([*map(re.escape, brackets), *(_first(*one) for one in sorted(seconds.items()))]))

    @cached_property
    def longest(self) -> int:
        """Characters that a match can have, at most."""
        longest = [*self.placeholders, *((entity, HIGHEST_NUMBER) for entity in self._open_to)]
        longest_name = max((len(spelled(key)) * 2 for key in longest), default=0)
        return max(longest_name + _LONGEST_DECORATION, max(map(len, self.surrogates), default=0))

    def _placeholder_spans(self, text: str, at: int) -> Iterator[tuple[int, int, str]]:
        for match in self._spellings_in(text, at) if self._entities else ():
            original = self._original(key_of(match))
            if original is not None:
                yield _as_written(match, original)

    def _spellings_in(self, text: str, at: int) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(without_escapes(text), at)

    def _surrogate_spans(self, text: str, at: int) -> Iterator[tuple[int, int, str]]:
        """A backslash may be one of a path as well, and the letter after it the first of a surrogate."""
        readings = {text, without_escapes(text)}
        for start, end in merge(*(self._literals.find(reading, at) for reading in readings)):
            yield start, end, self.surrogates[text[start:end]]

    def _may_become_a_placeholder(self, body: str) -> bool:
        """Whether `body` spells a beginning of a name, or all of it and perhaps the beginning of what may follow."""
        stem, end = "", 0
        for at, char in enumerate(body):
            spelling = _boiled_down(char)
            if not self._begins_a_name(stem + spelling):
                rest = body[end:].lstrip(" \t")
                return self._is_name(stem) and any(c.startswith(rest) and c != rest for c in CLOSINGS)
            if spelling:
                stem, end = stem + spelling, at + 1
        return True

    def _original(self, key: Key) -> str | None:
        own = self.placeholders.get(key)
        return self.recall.known.get(key) if own is None and self.recall is not None else own

    def _begins_a_name(self, stem: str) -> bool:
        return stem in self._name_beginnings or self._is_open_name(stem)

    def _is_name(self, stem: str) -> bool:
        return stem in self._names or self._is_open_name(stem)

    def _is_open_name(self, stem: str) -> bool:
        return self._open_names is not None and self._open_names.fullmatch(stem) is not None

    @cached_property
    def _in_json(self) -> Restorer:
        """The same for JSON documents, where `李` may be spelled `\\u674e`, in hexadecimal digits of either case."""
        spelled_out = {
            spelling: value
            for surrogate, value in self.surrogates.items()
            for spelling in (json_escaped(surrogate), *_ascii_spellings(surrogate))
        }
        return Restorer(self.placeholders, spelled_out, self.recall)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return _spellings(self._entities)

    @cached_property
    def _entities(self) -> frozenset[str]:
        """The types whose placeholders may be restored."""
        return frozenset(entity for entity, _ in self.placeholders) | self._open_to

    @cached_property
    def _open_to(self) -> frozenset[str]:
        return frozenset(self.recall.highest) if self.recall is not None else frozenset()

    @cached_property
    def _open_names(self) -> re.Pattern[str] | None:
        return self.recall.names if self.recall is not None and self._open_to else None

    @cached_property
    def _literals(self) -> Literals:
        return Literals(self.surrogates)

    @cached_property
    def _names(self) -> frozenset[str]:
        """The placeholders without brackets and separators, in upper case: what every accepted spelling boils down to."""
        return frozenset(_boiled_down(spelled(key)[1:-1]) for key in self.placeholders)

    @cached_property
    def _name_beginnings(self) -> frozenset[str]:
        names = self._names | {_boiled_down(entity) for entity in self._open_to}
        return frozenset(name[:length] for name in names for length in range(len(name) + 1))

    @cached_property
    def _surrogate_beginnings(self) -> frozenset[str]:
        return frozenset(name[:length] for name in self.surrogates for length in range(1, len(name) + 1))


class StreamRestorer:
    """Restores one channel of a stream. Keeps the raw tail that is undecided and the character before it."""

    def __init__(self, restorer: Restorer, quote: Callable[[str], str]) -> None:
        self._restorer = restorer
        self._quote = quote
        self._before = ""
        self._tail = ""

    def unknown(self, text: str) -> frozenset[Key]:
        """Placeholders that `recall` has to learn before this text is fed."""
        if self._restorer.recall is None or self._restorer.is_empty:
            return frozenset()
        pending = self._tail + text
        at = len(self._before)
        return self._restorer.unknown(self._before + pending, at, at + self._decided(pending))

    def unknown_at_end(self) -> frozenset[Key]:
        """Those that it has to learn before this is finished."""
        return self._restorer.unknown(self._before + self._tail, len(self._before))

    def feed(self, text: str) -> str:
        """The part of the answer that is decided now."""
        if not self._tail and self._restorer.begins_nowhere(text):
            context = text if len(text) > 1 else self._before + text
            self._before = character_before(context, len(context))
            return text
        pending = self._tail + text
        return self._release(pending, self._decided(pending))

    def finish(self) -> str:
        """What is left when the channel has ended."""
        return self._release(self._tail, len(self._tail))

    def _decided(self, pending: str) -> int:
        """How many characters of `pending` no later character can change."""
        rest, context, offset = self._restorer, self._before + pending, len(self._before)
        for start in rest.beginnings.finditer(pending, max(0, len(pending) - rest.longest)):
            at = start.start()
            if rest.may_grow(pending[at:], character_before(context, offset + at)):
                return at
        return len(pending)

    def _release(self, pending: str, decided: int) -> str:
        context = self._before + pending
        at, end = len(self._before), len(self._before) + decided
        pieces: list[str] = []
        for start, match_end, original in self._restorer.spans(context, at):
            if start >= end:
                break
            pieces += [context[at:start], self._quote(original)]
            at = match_end
        end = max(at, end)
        pieces.append(context[at:end])
        self._before, self._tail = character_before(context, end), context[end:]
        return "".join(pieces)


_compiled = lru_cache(maxsize=256)(re.compile)
_spellings = lru_cache(maxsize=256)(spelling_pattern)
"""Most exchanges of a tenant find the same types; to make a pattern takes longer than to use it on an answer."""


def _after_first(entity: str) -> str:
    """Characters that may follow the first one of a type; an underscore may be escaped (`A\\_B`)."""
    following = entity[1:2] or "_"
    return "_\\" if following == "_" else following


def _first(character: str, seconds: set[str]) -> str:
    """A pattern for the first character of names that go on with one of these; a name may also have no second one."""
    if "" in seconds:
        return re.escape(character)
    return rf"{re.escape(character)}(?=[{''.join(map(re.escape, sorted(seconds)))}]|\Z)"


def _as_written(match: re.Match[str], original: str) -> tuple[int, int, str]:
    """Where a placeholder stands, and what belongs there: in URLs it is percent-encoded (RFC 3986, 2.1)."""
    start, end = match.span()
    match match[0][:1]:
        case "\\":
            return start + backslashes_before(match[0]), end, original
        case "%":
            return start, end, quote(original, safe="")
        case _:
            return start, end, original


def _ascii_spellings(text: str) -> tuple[str, str]:
    lower = dumps(text)[1:-1]
    return lower, re.sub(r"\\u[0-9a-f]{4}", lambda m: "\\u" + m.group()[2:].upper(), lower)


def _boiled_down(spelling: str) -> str:
    """Upper case, ASCII digits, no separators."""
    kept = (c for c in spelling if c not in "\\_ -\t")
    return "".join(str(int(c)) if c.isdecimal() else c.upper() for c in kept)


def _after_opening(tail: str) -> str | None:
    """What follows an opening bracket; `tail` itself where there is none; None while the bracket is incomplete."""
    for opening in OPENINGS:
        if tail.startswith(opening):
            return tail[len(opening) :]
        if opening.startswith(tail):
            return None
    return tail
