"""Says which recognizers have to look at a text: their gates are tried together, in a few RE2 sets.

A gate is an expression that fires on every text in which its recognizer can find something; on clean prose hardly any fires.
Recognizers without a gate always look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Expressions

_TOGETHER = 17
"""Expressions in one automaton: each costs a microsecond or two before it has read anything, and with all of them in one, noise
makes it build a new state at nearly every character."""
_WORDS = re.compile(r"(?:\(\?i\))?(?:[^\[\](){}*+?.\\^$]|\\[^A-Za-z0-9])+")
"""Nothing but words. All of these fit into one automaton: it grows with their letters, whatever the text is."""
_DIGIT = re.compile(b"[0-9]")
_NEEDS_A_DIGIT = re.compile(r"(?:\(\?i\))?(?:[^|()\[\\]|\\.|\[[^\[\]\\]*\])*\[[01]-9\](?![?*]|\{[0,])[^|]*")
"""An expression without alternatives that has a digit outside of groups, and not one that may be left out."""


class Gated:
    """A recognizer that can be spared texts.

    `gate` are RE2 expressions that must all fire somewhere in a text before the recognizer looks at it; none: it always looks.
    The first one is tried on every text, the others where the first one fired: what is rare or cheap to see comes first.
    """

    gate: tuple[str, ...] = ()


class Gate:
    """The gates of some recognizers together. Safe to share between threads."""

    def __init__(self, recognizers: Iterable[EntityRecognizer]) -> None:
        self._everyone = tuple(recognizers)
        gates = [_gate(recognizer) for recognizer in self._everyone]
        self._needs = tuple(map(frozenset, gates))
        self._always = tuple(r for r, gate in zip(self._everyone, gates, strict=True) if not gate)
        first = sorted({gate[0] for gate in gates if gate})
        further = {leader: frozenset[str]().union(*(g for g in gates if g[:1] == (leader,))) - {*first} for leader in first}
        self._first = _Sets([one for one in first if not _NEEDS_A_DIGIT.fullmatch(one)])
        self._numbers = _Sets([one for one in first if _NEEDS_A_DIGIT.fullmatch(one)])
        self._further = _Sets(list(dict.fromkeys(one for leader in first for one in sorted(further[leader]))))
        self._leads_to = {leader: self._further.parts_of(rest) for leader, rest in further.items()}
        self._ends = _by_last(gates)

    def open(self, text: str) -> Sequence[EntityRecognizer]:
        """The recognizers that have to look at `text`, in their order. Raises DetectionUnavailable.

        Offsets play no part here, so that a lone surrogate, which has no UTF-8, may be any other character.
        """
        encoded = text.encode("utf-8", "replace")
        seen = self._first.fired(encoded)
        if _DIGIT.search(encoded) is not None:
            seen |= self._numbers.fired(encoded)
        if not seen:
            return self._always
        further = frozenset[int]().union(*map(self._leads_to.__getitem__, seen))
        if further:
            seen |= self._further.fired(encoded, further)
        places = [at for last in seen for at in self._ends.get(last, ()) if self._needs[at] <= seen]
        places += self._ends[None]
        return [self._everyone[at] for at in sorted(places)]


class _Sets:
    """Expressions that are tried together; in a text those that are neighbours here are asked for together."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self._parts = [(part, Expressions(part)) for part in _parted(expressions)]

    def parts_of(self, wanted: Set[str]) -> frozenset[int]:
        """The numbers of the parts in which these are."""
        return frozenset(n for n, (expressions, _) in enumerate(self._parts) if not wanted.isdisjoint(expressions))

    def fired(self, encoded: bytes, parts: Iterable[int] | None = None) -> set[str]:
        """Those that fire on a text in UTF-8, at least of some parts. Raises DetectionUnavailable."""
        seen = set[str]()
        for expressions, automaton in self._parts if parts is None else map(self._parts.__getitem__, parts):
            seen.update(map(expressions.__getitem__, automaton.fired(encoded)))
        return seen


def _parted(expressions: Sequence[str]) -> Iterator[Sequence[str]]:
    words = [one for one in expressions if _WORDS.fullmatch(one)]
    if len(words) > _TOGETHER:
        yield words
        expressions = [one for one in expressions if one not in words]
    yield from (expressions[n : n + _TOGETHER] for n in range(0, len(expressions), _TOGETHER))


def _by_last(gates: Sequence[tuple[str, ...]]) -> Mapping[str | None, Sequence[int]]:
    """The places of recognizers by the last expression of their gate, the rarest; None for those that have none."""
    places: dict[str | None, list[int]] = {None: []}
    for at, gate in enumerate(gates):
        places.setdefault(gate[-1] if gate else None, []).append(at)
    return places


def _gate(recognizer: EntityRecognizer) -> tuple[str, ...]:
    return recognizer.gate if isinstance(recognizer, Gated) else ()
