"""Puts originals back into an answer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from heapq import merge
from json import dumps
from urllib.parse import quote

from gateway.detection.literals import Literals
from gateway.protocol.json_depth import DEEPEST
from gateway.protocol.segments import Edit, integer_of, json_escaped
from gateway.redaction.names import Names
from gateway.redaction.placeholders import OPENINGS, Key, backslashes_before, key_of
from gateway.redaction.recall import Recall
from gateway.redaction.stream_restorer import StreamRestorer
from gateway.redaction.word_edges import without_escapes
from gateway.redaction.written import AsText, InJson, InText, Written


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
        """Restore a finished text; with `json`, originals are escaped as inside a JSON string, or in a document in one."""
        pieces, at = [], 0
        for edit in self.edits(text, json=json):
            pieces += [text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*pieces, text[at:]]) if pieces else text

    def edits(self, text: str, *, json: bool = False) -> list[Edit]:
        """What restores a finished text, from left to right."""
        reader = self._in_json if json else self._in_prose
        if reader.begins_nowhere(text):
            return []
        written = InJson() if json else self._in_text()
        edits, at = list[Edit](), 0
        for start, end, original in reader.spans(text):
            written.passed(text[at:start])
            edits.append(Edit(start, end, written.original(original, text[start:end])))
            at = end
        return edits

    def number(self, number: int) -> int | str:
        """What a number that is a surrogate as a whole stands for."""
        original = self.surrogates.get(str(number))
        if original is None:
            return number
        return original if (integer := integer_of(original)) is None else integer

    def stream(self, *, json: bool = False) -> StreamRestorer:
        if json and not self.is_empty:
            return StreamRestorer(self._in_json, InJson())
        return StreamRestorer(self._in_prose, self._in_text())

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
        if recall is None:
            return frozenset()
        found = (match for match in self._names.spellings_in(text, at) if end is None or match.start() < end)
        return frozenset(key for key in map(key_of, found) if key not in self.placeholders and recall.lacks(key))

    def may_grow(self, tail: str, before: str) -> bool:
        """Whether more characters could turn `tail` into a match, or change the match that it is. May err towards yes."""
        return self._begins_surrogate(tail) or self._names.may_begin(tail, before)

    def begins_nowhere(self, text: str) -> bool:
        """Whether a text holds no character with which something to restore may begin: most pieces of a stream do not."""
        return self.is_empty or self.beginnings.search(text) is None

    @cached_property
    def is_empty(self) -> bool:
        return not self._names and not self.surrogates

    @cached_property
    def beginnings(self) -> re.Pattern[str]:
        """Where something to restore may begin: a bracket, or the first character of a name with its second one, or the end
        of the text, after it. So `Please` is no beginning of `PERSON_1`."""
        seconds: dict[str, set[str]] = {}
        for entity in self._names.entities:
            seconds.setdefault(entity[0], set()).update(_after_first(entity))
        for name in self.surrogates:
            seconds.setdefault(name[0], set()).add(name[1:2])
        brackets = sorted({opening[0] for opening in OPENINGS}) if self._names else []
        return _compiled("|".join([*map(re.escape, brackets), *(_first(*one) for one in sorted(seconds.items()))]))

    @cached_property
    def longest(self) -> int:
        """Characters that a match can have, at most."""
        return max(self._names.longest, max(map(len, self.surrogates), default=0))

    def _placeholder_spans(self, text: str, at: int) -> Iterator[tuple[int, int, str]]:
        for match in self._names.spellings_in(text, at):
            key = key_of(match)
            original = self._original(key)
            if original is not None and not (_is_cut(match, text) and self._names.may_be_longer(key)):
                yield _as_written(match, original)

    def _surrogate_spans(self, text: str, at: int) -> Iterator[tuple[int, int, str]]:
        """A backslash may be one of a path as well, and the letter after it the first of a surrogate."""
        found, reading = self._literals.find(text, at), without_escapes(text)
        if reading != text:
            found = merge(found, self._escaped_literals.find(reading, at))
        for start, end in found:
            original = self.surrogates.get(text[start:end])
            if original is not None:  # a text may hold the marks that the other reading has
                yield start, end, original

    def _original(self, key: Key) -> str | None:
        own = self.placeholders.get(key)
        return self.recall.known.get(key) if own is None and self.recall is not None else own

    @cached_property
    def _names(self) -> Names:
        return Names(self.placeholders.keys(), self.recall)

    def _in_text(self) -> Written:
        return InText() if self._may_need_escapes else AsText()

    @cached_property
    def _may_need_escapes(self) -> bool:
        """Whether an original looks otherwise in JSON. What is recalled nobody knows yet."""
        originals = (*self.placeholders.values(), *self.surrogates.values())
        return self.recall is not None or any(json_escaped(original) != original for original in originals)

    @cached_property
    def _in_json(self) -> Restorer:
        """The same for JSON documents, where `李` may be spelled `\\u674e`, in hexadecimal digits of either case."""
        spelled_out = {spelling: value for surrogate, value in self.surrogates.items() for spelling in _in_documents(surrogate)}
        return Restorer(self.placeholders, spelled_out, self.recall)

    @cached_property
    def _in_prose(self) -> Restorer:
        """The same for texts: documents and code in them may keep to ASCII."""
        spelled_out = {
            spelling: value
            for surrogate, value in self.surrogates.items()
            if not surrogate.isascii()
            for spelling in _in_documents(surrogate)
        }
        return Restorer(self.placeholders, {**self.surrogates, **spelled_out}, self.recall) if spelled_out else self

    @cached_property
    def _literals(self) -> Literals:
        return Literals(self.surrogates)

    @cached_property
    def _escaped_literals(self) -> Literals:
        return Literals({*map(without_escapes, self.surrogates)})

    def _begins_surrogate(self, tail: str) -> bool:
        at = bisect_left(self._sorted_surrogates, tail)
        return at < len(self._sorted_surrogates) and self._sorted_surrogates[at].startswith(tail)

    @cached_property
    def _sorted_surrogates(self) -> list[str]:
        return sorted(self.surrogates)


_compiled = lru_cache(maxsize=256)(re.compile)
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


def _is_cut(match: re.Match[str], text: str) -> bool:
    """Whether the text breaks off in a placeholder, as where an answer has got too long: `<PERSON_1` may have been on the way
    to `<PERSON_12>`.
    """
    return match.end() == len(text) and match["exact"] is not None and match.start("exact") > match.start()


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


def _in_documents(text: str) -> Iterator[str]:
    """How a text may be spelled in a document, and in one within its strings, where each escape is escaped again."""
    for spelling in (json_escaped(text), *_ascii_spellings(text)):
        yield spelling
        deeper = spelling
        for _ in range(1, DEEPEST if "\\" in spelling else 1):
            deeper = json_escaped(deeper)
            yield deeper


def _ascii_spellings(text: str) -> tuple[str, str]:
    lower = dumps(text)[1:-1]
    return lower, re.sub(r"\\u[0-9a-f]{4}", lambda m: "\\u" + m.group()[2:].upper(), lower)
