"""A document as data: sentences by their keys, with what fills them in and where they come from. Pure, in no language yet.

Nothing here is free text but what policy says (names, descriptions, reasons): the same facts make the same document, and a
program that reads it need not understand sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Term:
    """A word of ours, which a reader gets in their language: the sentence `prefix.word` where there is one."""

    prefix: str
    word: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, in 0..1."""

    of_one: float


@dataclass(frozen=True, slots=True)
class Between:
    """An interval. `shares`: of parts of a whole, in 0..1."""

    low: float
    high: float
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Several values, in their order."""

    items: tuple[Value, ...]


Value: TypeAlias = str | int | float | Term | Share | Between | Listed | None
"""None is what is not there."""


class Origin(StrEnum):
    """Where a statement comes from. `built_in` is what the gateway does whatever policy says."""

    POLICY = "policy"
    RECORD = "record"
    GIVEN = "given"
    BUILT_IN = "built_in"


@dataclass(frozen=True, slots=True)
class Source:
    """`where` is a path in the policy or the place in the record; `line` that of the policy file, from 1."""

    origin: Origin
    where: str = ""
    line: int | None = None


GIVEN, BUILT_IN = Source(Origin.GIVEN), Source(Origin.BUILT_IN)


class Kind(StrEnum):
    """What a line is: a statement; what is missing; a risk, where it does not hold, what would mend it; what people write."""

    FACT = "fact"
    GAP = "gap"
    RISK = "risk"
    EXCEPTION = "exception"
    REMEDY = "remedy"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, by its key."""

    kind: Kind
    key: str
    source: Source | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, by the keys of their heads."""

    key: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


Block: TypeAlias = Line | Table


@dataclass(frozen=True, slots=True)
class Chapter:
    """`key` is that of its title."""

    key: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`basis` are the statements about what it was drawn from: the policy's version, the time, the log's checkpoint."""

    key: str
    basis: tuple[Line, ...]
    chapters: tuple[Chapter, ...]


def fact(key: str, source: Source, **values: Value) -> Line:
    return Line(Kind.FACT, key, source, values)


def gap(key: str, source: Source | None = None, **values: Value) -> Line:
    return Line(Kind.GAP, key, source, values)


def to_fill_in(key: str, **values: Value) -> Line:
    return Line(Kind.FIELD, key, None, values)


def listed(items: Sequence[Value]) -> Value:
    """None for an empty list, so that it reads as nothing."""
    return Listed(tuple(items)) if items else None


def terms(prefix: str, words: Sequence[str]) -> Value:
    return listed([Term(prefix, word) for word in words])
