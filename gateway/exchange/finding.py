"""Personal data in texts, and how much of it there was."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.obligations import OperatorKind


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A span of personal data in one text; `start` and `end` count code points, `score` lies in 0..1."""

    start: int
    end: int
    entity: str
    score: float
    recognizer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """How many findings of one kind an exchange had, and what was done to them. Holds no text."""

    entity: str
    operator: OperatorKind
    recognizer: str
    count: int
    max_score: float
