"""Rules that find names of a kind by their form: behind one gate for all, since most texts have none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gateway.detection.expressions import Expressions
from gateway.detection.taggers.sieve import Tag


@dataclass(frozen=True, slots=True)
class NameRule:
    """`find` gives the names in a text. `gate` are RE2 expressions that must all fire on it before the rule looks."""

    gate: tuple[str, ...]
    find: Callable[[str], Iterable[Tag]]


_Gated: TypeAlias = tuple[frozenset[int], NameRule]
"""The places of a rule's expressions among those of all, and the rule."""


class NameRules:
    """Some rules, in order. Safe to share between threads."""

    def __init__(self, *rules: NameRule) -> None:
        expressions = list(dict.fromkeys(expression for rule in rules for expression in rule.gate))
        self._gate = Expressions(expressions)
        self._rules: Sequence[_Gated] = [(frozenset(map(expressions.index, rule.gate)), rule) for rule in rules]

    def tags(self, text: str) -> Iterator[Tag]:
        """What the rules find, one after the other. Raises DetectionUnavailable."""
        fired = self._gate.fired(text)
        for gate, rule in self._rules if fired else ():
            if gate.issubset(fired):
                yield from rule.find(text)
