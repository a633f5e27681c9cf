"""Says which recognizers have to look at a text: their gates are tried together, in a few RE2 sets.

A gate is an expression that fires on every text in which its recognizer can find something; on clean prose hardly any fires.
Recognizers without a gate always look. RE2 runs in linear time whatever the text is (https://github.com/google/re2/wiki/WhyRE2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set

import re2
from presidio_analyzer import EntityRecognizer

from gateway.errors import DetectionUnavailable

_MEMORY = 64 << 20
"""Bytes for the states of an automaton; with too few, hostile texts make it build them over and over."""
_TOGETHER = 17
"""Expressions in one automaton: each costs a microsecond or two before it has read anything, and with all of them in one, noise
makes it build a new state at nearly every character."""
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
        self._needs = tuple(frozenset(_gate(r)) for r in self._everyone)
        self._always = tuple(r for r, needs in zip(self._everyone, self._needs, strict=True) if not needs)
        self._led = _led(self._everyone)
        first = sorted(expression for expression in self._led if expression is not None)
        self._further_needs = {leader: self._needs_beside(led) - frozenset(first) for leader, led in self._led.items()}
        further = dict.fromkeys(one for leader in first for one in sorted(self._further_needs[leader]))
        self._first = _Sets([one for one in first if not _NEEDS_A_DIGIT.fullmatch(one)])
        self._numbers = _Sets([one for one in first if _NEEDS_A_DIGIT.fullmatch(one)])
        self._further = _Sets(list(further))

    def _needs_beside(self, places: Iterable[int]) -> frozenset[str]:
        return frozenset[str]().union(*(self._needs[at] for at in places))

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
        may, further = list(self._led[None]), set[str]()
        for expression in seen:
            may += self._led[expression]
            further |= self._further_needs[expression]
        if further:
            seen |= self._further.fired(encoded, further)
        may.sort()
        return [self._everyone[at] for at in may if self._needs[at] <= seen]


class _Sets:
    """Expressions that are tried together; in a text those that are neighbours here are asked for together."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self._parts = [_compiled(expressions[n : n + _TOGETHER]) for n in range(0, len(expressions), _TOGETHER)]

    def fired(self, encoded: bytes, wanted: Set[str] | None = None) -> set[str]:
        """Those that fire on a text in UTF-8, at least of the `wanted` ones. Raises DetectionUnavailable."""
        seen = set[str]()
        for expressions, automaton in self._parts:
            if wanted is not None and wanted.isdisjoint(expressions):
                continue
            fired = automaton.Match(encoded)
            if not fired or len(expressions) not in fired:  # the empty expression always fires, unless RE2 ran out of memory
                raise DetectionUnavailable("the gate of the recognizers failed, so nothing was forwarded")
            if len(fired) > 1:
                seen.update(expressions[n] for n in fired if n < len(expressions))
        return seen


def _led(recognizers: Sequence[EntityRecognizer]) -> Mapping[str | None, Sequence[int]]:
    """The places of recognizers by the first expression of their gate, None for those that have none."""
    led: dict[str | None, list[int]] = {None: []}
    for at, recognizer in enumerate(recognizers):
        led.setdefault(next(iter(_gate(recognizer)), None), []).append(at)
    return led


def _gate(recognizer: EntityRecognizer) -> tuple[str, ...]:
    return recognizer.gate if isinstance(recognizer, Gated) else ()


def _compiled(expressions: Sequence[str]) -> tuple[Sequence[str], re2.Set]:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    automaton = re2.Set.SearchSet(options)
    for expression in (*expressions, ""):
        automaton.Add(expression)
    automaton.Compile()
    return expressions, automaton
