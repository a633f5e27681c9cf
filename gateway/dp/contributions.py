"""What each unit adds to a figure, cut to its bound before anything is counted. Pure.

The bound is what makes noise of a fixed size enough: whatever one unit did, with it and without it the figures differ by no
more than its rows. Which of them count is drawn by a keyed hash of each row, so it depends on no other unit, nobody can aim for
it, and every report about the data set draws the same.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from gateway.dp.budget import Budget, Unit
from gateway.dp.question import ALL, OTHER, By, Figure, Measure, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One exchange, as far as reports ask for it. `passages` counts those of each collection of documents; None where nobody
    asked for any.
    """

    call_id: str
    subject: str
    conversation: str | None = None
    model: str | None = None
    purpose: str | None = None
    tokens: int | None = None
    duration_ms: int | None = None
    found: Mapping[str, int] = field(default_factory=dict)
    passages: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """What one exchange adds to one group."""

    group: str
    value: int


def bounded(facts: Iterable[Fact], budget: Budget, question: Question) -> list[Row]:
    """The rows that count: at most `budget.contributions` of each unit, each with a value from 0 to `question.most`."""
    kept: dict[str, list[tuple[bytes, Row]]] = {}
    for fact in facts:
        drawn = kept.setdefault(_unit(fact, budget.unit), [])
        for row in _rows(fact, question):
            place = (_draw(budget.salt, fact.call_id, row.group), row)
            if len(drawn) < budget.contributions:
                heappush(drawn, place)
            else:
                heappushpop(drawn, place)
    return [row for drawn in kept.values() for _, row in drawn]


def _unit(fact: Fact, unit: Unit) -> str:
    if unit is Unit.SUBJECT:
        return fact.subject
    if unit is Unit.CONVERSATION and fact.conversation is not None:
        return fact.conversation
    return fact.call_id


def _rows(fact: Fact, question: Question) -> Iterator[Row]:
    """At most one for each group."""
    known = frozenset(question.groups)
    values: dict[str, int] = {}
    for group in _groups(fact, question.by):
        value = _value(fact, question, group)
        if value is not None:
            group = group if group in known else OTHER
            values[group] = values.get(group, 0) + value if question.figure is not Figure.COUNT else 1
    for group, value in values.items():
        yield Row(group, min(max(value, 0), question.most))


def _groups(fact: Fact, by: By) -> Iterable[str]:
    if by is By.ENTITY:
        return fact.found
    if by is By.COLLECTION:
        return fact.passages or ()
    if by is By.MODEL:
        return (fact.model or OTHER,)
    if by is By.PURPOSE:
        return (fact.purpose or OTHER,)
    return (ALL,)


def _value(fact: Fact, question: Question, group: str) -> int | None:
    """None where the record does not say."""
    if question.measure is Measure.TOKENS:
        return fact.tokens
    if question.measure is Measure.DURATION:
        return fact.duration_ms
    if question.measure is Measure.FINDINGS:
        return fact.found.get(group, 0) if question.by is By.ENTITY else sum(fact.found.values())
    if question.measure is Measure.PASSAGES:
        return _passages(fact, question, group)
    return 1


def _passages(fact: Fact, question: Question, group: str) -> int | None:
    if fact.passages is None:
        return None
    return fact.passages.get(group, 0) if question.by is By.COLLECTION else sum(fact.passages.values())


def _draw(salt: bytes, call_id: str, group: str) -> bytes:
    """Where a row stands in the draw: the highest are kept."""
    return hmac.digest(salt, f"{call_id}\0{group}".encode(), "sha256")
