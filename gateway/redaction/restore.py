"""Puts originals back into an answer, whole or while it streams.

`Restorer.whole` restores a finished text. `StreamRestorer` does the same for a text that arrives in pieces: it holds back
only a tail that could still become (part of) a placeholder or surrogate, so that for every way of cutting a text

    "".join(stream.feed(piece) for piece in pieces) + stream.finish() == restorer.whole(text)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gateway.protocol.segments import json_escaped
from gateway.redaction.placeholders import Key, key_of, spelled, spelling_pattern

_OPENINGS = ("<", "\\<", "&lt;", "\\u003c", "\\u003C", "＜", "〈", "《", "⟨", "‹")
_CLOSINGS = (">", "\\>", "&gt;", "\\u003e", "\\u003E", "＞", "〉", "》", "⟩", "›")
_LONGEST_DECORATION = 24  # brackets, spaces and escaped underscores around a name, at most


def _plain(text: str) -> str:
    return text


@dataclass(frozen=True)
class Restorer:
    """The originals of one exchange: by placeholder, and by surrogate (which a model must give back literally)."""

    placeholders: Mapping[Key, str] = field(repr=False)
    surrogates: Mapping[str, str] = field(repr=False)

    def whole(self, text: str, *, json: bool = False) -> str:
        """Restore a finished text; with `json`, originals are escaped as inside a JSON string."""
        quote = json_escaped if json else _plain
        return self.pattern.sub(lambda match: self.replaced(match, quote), text)

    def stream(self, *, json: bool = False) -> StreamRestorer:
        return StreamRestorer(self, json_escaped if json else _plain)

    @property
    def is_empty(self) -> bool:
        return not self.placeholders and not self.surrogates

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        entities = {entity for entity, _ in self.placeholders}
        literals = "|".join(_bounded(name) for name in sorted(self.surrogates, key=len, reverse=True))
        parts = [spelling_pattern(entities).pattern] if entities else []
        return re.compile("|".join([*parts, f"(?P<surrogate>{literals})"] if literals else parts) or r"(?!)")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The placeholders without brackets and separators, in upper case: what every accepted spelling boils down to."""
        return tuple(_boiled_down(spelled(key)[1:-1]) for key in self.placeholders)

    @cached_property
    def initials(self) -> frozenset[str]:
        """Characters with which something to restore may begin."""
        openings = {opening[0] for opening in _OPENINGS} if self.placeholders else set()
        return frozenset(openings | {entity[0] for entity, _ in self.placeholders} | {name[0] for name in self.surrogates})

    @cached_property
    def longest(self) -> int:
        """Characters that a match can have, at most."""
        longest_name = max((len(spelled(key)) * 2 for key in self.placeholders), default=0)
        return max(longest_name + _LONGEST_DECORATION, max(map(len, self.surrogates), default=0))

    def replaced(self, match: re.Match[str], quote: Callable[[str], str]) -> str:
        """The original that a match stands for, or the match itself when this exchange did not mint it."""
        if match.lastgroup == "surrogate":
            return quote(self.surrogates[match.group()])
        original = self.placeholders.get(key_of(match))
        return match.group() if original is None else quote(original)

    def may_grow(self, tail: str, before: str) -> bool:
        """Whether more characters could turn `tail` into a match, or change the match that it is. May err towards yes."""
        if any(name.startswith(tail) for name in self.surrogates):
            return True
        body = _after_opening(tail)
        if body is None:
            return True
        if body is tail and (before.isascii() and (before.isalnum() or before == "_")):
            return False
        return any(_leads_to(name, body) for name in self.names)


class StreamRestorer:
    """Restores one channel of a stream. Keeps the raw tail that is undecided and the raw character before it."""

    def __init__(self, restorer: Restorer, quote: Callable[[str], str]) -> None:
        self._restorer = restorer
        self._quote = quote
        self._before = ""
        self._tail = ""

    def feed(self, text: str) -> str:
        """The part of the answer that is decided now."""
        pending = self._tail + text
        return self._release(pending, self._decided(pending))

    def finish(self) -> str:
        """What is left when the channel has ended."""
        return self._release(self._tail, len(self._tail))

    @property
    def holds(self) -> bool:
        return bool(self._tail)

    def _decided(self, pending: str) -> int:
        """How many characters of `pending` no later character can change."""
        rest = self._restorer
        for at in range(max(0, len(pending) - rest.longest), len(pending)):
            if pending[at] in rest.initials:
                before = pending[at - 1] if at else self._before
                if rest.may_grow(pending[at:], before):
                    return at
        return len(pending)

    def _release(self, pending: str, decided: int) -> str:
        context = self._before + pending
        at, end = len(self._before), len(self._before) + decided
        pieces: list[str] = []
        for match in self._restorer.pattern.finditer(context, at):
            if match.start() >= end:
                break
            pieces += [context[at : match.start()], self._restorer.replaced(match, self._quote)]
            at = match.end()
        end = max(at, end)
        pieces.append(context[at:end])
        self._before, self._tail = context[max(0, end - 1) : end], context[end:]
        return "".join(pieces)


def _bounded(name: str) -> str:
    """A surrogate matches as a word of its own where its script has word boundaries."""
    start = r"(?<![A-Za-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    end = r"(?![A-Za-z0-9])" if name[-1].isascii() and name[-1].isalnum() else ""
    return start + re.escape(name) + end


def _boiled_down(spelling: str) -> str:
    """Upper case, ASCII digits, no separators."""
    kept = (c for c in spelling if c not in "\\_ -\t")
    return "".join(str(int(c)) if c.isdecimal() else c.upper() for c in kept)


def _after_opening(tail: str) -> str | None:
    """What follows an opening bracket; `tail` itself where there is none; None while the bracket is incomplete."""
    for opening in _OPENINGS:
        if tail.startswith(opening):
            return tail[len(opening) :]
        if opening.startswith(tail):
            return None
    return tail


def _leads_to(name: str, body: str) -> bool:
    """Whether `body` spells a beginning of `name`, or all of it and perhaps the beginning of what may follow."""
    stem = _boiled_down(body)
    if name.startswith(stem):
        return True
    at = next((at for at in range(len(body)) if _boiled_down(body[: at + 1]) == name), None)
    if at is None:
        return False
    rest = body[at + 1 :].lstrip(" \t")
    return any(closing.startswith(rest) and closing != rest for closing in _CLOSINGS)
