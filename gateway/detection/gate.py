"""Says which recognizers have to look at a text: their gates are tried together, in a few RE2 sets.

A gate is an expression that fires on every text in which its recognizer can find something; on clean prose hardly any fires.
Recognizers without a gate always look. RE2 runs in linear time whatever the text is (https://github.com/google/re2/wiki/WhyRE2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import re2
from presidio_analyzer import EntityRecognizer

from gateway.errors import DetectionUnavailable

_MEMORY = 64 << 20
"""Bytes for the states of an automaton; with too few, hostile texts make it build them over and over."""
_TOGETHER = 12
"""Expressions in one automaton: with all in one, noise makes it build a new state at nearly every character."""


_Part: TypeAlias = tuple[Sequence[str], re2.Set]


class Gated:
    """A recognizer that can be spared texts.

    `gate` are RE2 expressions that must all fire somewhere in a text before the recognizer looks at it; none: it always looks.
    """

    gate: tuple[str, ...] = ()


class Gate:
    """The gates of some recognizers together. Safe to share between threads."""

    def __init__(self, recognizers: Iterable[EntityRecognizer]) -> None:
        everyone = tuple(recognizers)
        self._needs = tuple((r, frozenset(_gate(r))) for r in everyone)
        self._always = tuple(r for r, needs in self._needs if not needs)
        expressions = sorted(frozenset[str]().union(*(needs for _, needs in self._needs)))
        self._parts = tuple(_compiled(expressions[n : n + _TOGETHER]) for n in range(0, len(expressions), _TOGETHER))

    def open(self, text: str) -> Sequence[EntityRecognizer]:
        """The recognizers that have to look at `text`, in their order. Raises DetectionUnavailable.

        Offsets play no part here, so that a lone surrogate, which has no UTF-8, may be any other character.
        """
        encoded = text.encode("utf-8", "replace")
        seen = {expression for part in self._parts for expression in _fired(part, encoded)}
        return [recognizer for recognizer, needs in self._needs if needs <= seen] if seen else self._always


def _fired(part: _Part, encoded: bytes) -> Iterable[str]:
    expressions, automaton = part
    fired = automaton.Match(encoded)
    if not fired or len(expressions) not in fired:  # the empty expression fires on everything, unless RE2 ran out of memory
        raise DetectionUnavailable("the gate of the recognizers failed, so nothing was forwarded")
    return () if len(fired) == 1 else [expressions[n] for n in fired if n < len(expressions)]


def _gate(recognizer: EntityRecognizer) -> tuple[str, ...]:
    return recognizer.gate if isinstance(recognizer, Gated) else ()


def _compiled(expressions: Sequence[str]) -> _Part:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    automaton = re2.Set.SearchSet(options)
    for expression in (*expressions, ""):
        automaton.Add(expression)
    automaton.Compile()
    return expressions, automaton
