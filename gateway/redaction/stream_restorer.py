"""Puts originals back into a text that arrives in pieces.

It holds back only a tail that could still become (part of) a placeholder or surrogate, so that for every way of cutting a text

    "".join(stream.feed(piece) for piece in pieces) + stream.finish() == restorer.whole(text)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy, deepcopy
from typing import Protocol

from gateway.protocol.segments import Edit
from gateway.redaction.placeholders import Key
from gateway.redaction.word_edges import character_before, end_of
from gateway.redaction.written import Written


class Known(Protocol):
    """What there is to put back: a Restorer."""

    @property
    def beginnings(self) -> re.Pattern[str]: ...
    @property
    def longest(self) -> int: ...

    def begins_nowhere(self, text: str) -> bool: ...
    def may_grow(self, tail: str, before: str) -> bool: ...
    def spans(self, text: str, at: int = 0) -> Iterator[tuple[int, int, str]]: ...
    def unknown(self, text: str, at: int = 0, end: int | None = None) -> frozenset[Key]: ...


class StreamRestorer:
    """Restores one channel of a stream. Keeps the raw tail that is undecided and what of the text before it counts."""

    def __init__(self, known: Known, written: Written) -> None:
        self._known = known
        self._written = written
        self._before = ""
        self._tail = ""
        self._seen = 0
        self.edits: list[Edit] = []
        """What restored the text so far, by places in the text as it came."""

    def unknown(self, text: str) -> frozenset[Key]:
        """Placeholders that `recall` has to learn before this text is fed."""
        pending = self._tail + text
        at = len(self._before)
        return self._known.unknown(self._before + pending, at, at + self._decided(pending))

    def unknown_at_end(self) -> frozenset[Key]:
        """Those that it has to learn before this is finished."""
        return self._known.unknown(self._before + self._tail, len(self._before))

    @property
    def edits_by_now(self) -> Sequence[Edit]:
        """The same with those of the tail, were it to end here."""
        if not self._tail:
            return self.edits
        ahead = copy(self)
        ahead.edits, ahead._written = [*self.edits], deepcopy(self._written)
        ahead.finish()
        return ahead.edits

    def lets_pass(self, text: str) -> bool:
        """Whether a piece goes on as it is: nothing is held back, and nothing begins in it."""
        return not self._tail and self._known.begins_nowhere(text)

    def passed(self, text: str) -> None:
        """Take note of such a piece."""
        self._before = end_of(self._before + text)
        self._seen += len(text)
        self._written.passed(text)

    def feed(self, text: str) -> str:
        """The part of the answer that is decided now."""
        if self.lets_pass(text):
            self.passed(text)
            return text
        pending = self._tail + text
        return self._release(pending, self._decided(pending))

    def finish(self) -> str:
        """What is left when the channel has ended."""
        return self._release(self._tail, len(self._tail))

    def _decided(self, pending: str) -> int:
        """How many characters of `pending` no later character can change."""
        known, context, offset = self._known, self._before + pending, len(self._before)
        for start in known.beginnings.finditer(pending, max(0, len(pending) - known.longest)):
            at = start.start()
            if known.may_grow(pending[at:], character_before(context, offset + at)):
                return at
        return len(pending)

    def _release(self, pending: str, decided: int) -> str:
        context = self._before + pending
        at, end = len(self._before), len(self._before) + decided
        began = self._seen - at
        pieces: list[str] = []
        for start, match_end, original in self._known.spans(context, at):
            if start >= end:
                break
            self._written.passed(context[at:start])
            restored = self._written.original(original, context[start:match_end])
            pieces += [context[at:start], restored]
            self.edits.append(Edit(began + start, began + match_end, restored))
            at = match_end
        end = max(at, end)
        self._seen = began + end
        self._written.passed(context[at:end])
        pieces.append(context[at:end])
        self._before, self._tail = end_of(context[:end]), context[end:]
        return "".join(pieces)
