"""Labelled examples of officers, one JSON object a line: `{"text": ..., "labels": [...], "subject": ...}`."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.cli.common.files import unreadable
from gateway.dp.budget import Budget, Unit
from gateway.errors import InvalidRequest
from gateway.sensitivity.labels import Label

if TYPE_CHECKING:  # it loads every recognizer: only for commands that detect
    from gateway.cli.detect.engine import Workbench

_MOST = 1_000_000
"""Lines of a file."""
_FEWEST = 2
"""Units that can hide each other."""


class Line(BaseModel):
    """One example. `subject` is whoever wrote it, as the budget's unit asks."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    text: Annotated[str, Field(min_length=1, max_length=100_000)] = Field(repr=False)
    labels: frozenset[Label] = frozenset()
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text with placeholders in place of personal data, and the number of whoever wrote it."""

    text: str = field(repr=False)
    labels: frozenset[str]
    unit: int = 0


def read_lines(path: Path) -> list[Line]:
    """Raises InvalidRequest, which names the line and never quotes it."""
    try:
        written = path.read_text(encoding="utf-8").split("\n")  # not at what else ends lines: texts may hold it
    except OSError as error:
        raise InvalidRequest(unreadable(path, error), param="examples") from None
    except ValueError:
        raise InvalidRequest(f"{path} is not UTF-8 text.", param="examples") from None
    lines = [(number, one) for number, one in enumerate(written, 1) if one.strip()]
    if not 0 < len(lines) <= _MOST:
        raise InvalidRequest(f"A file of examples has 1 to {_MOST:,} lines.", param="examples")
    return [_line(number, text) for number, text in lines]


def bounded(lines: Sequence[Line], budget: Budget) -> list[Line]:
    """At most `budget.contributions` of each unit, drawn by a keyed hash of each text. Raises InvalidRequest."""
    if budget.unit is Unit.CONVERSATION:
        raise InvalidRequest("Examples know no conversations: declare a data set whose unit is subject or example.")
    if budget.unit is Unit.EXAMPLE:
        if len(lines) < _FEWEST:
            raise InvalidRequest("One example alone: nothing can be learnt that hides it.", param="examples")
        return list(lines)
    if any(one.subject is None for one in lines):
        raise InvalidRequest(
            "Each example says by `subject` who wrote it: that is the unit that is protected.", param="subject"
        )
    units: dict[str, list[Line]] = {}
    for one in lines:
        units.setdefault(one.subject or "", []).append(one)
    if len(units) < _FEWEST:
        raise InvalidRequest("All examples are one subject's: nothing can be learnt that hides them.", param="subject")
    return [one for own in units.values() for one in sorted(own, key=lambda one: _draw(budget, one))[: budget.contributions]]


def redacted(lines: Sequence[Line], bench: Workbench, unit: Unit = Unit.EXAMPLE) -> Iterator[Lesson]:
    """Raises DetectionUnavailable, TextTooLong or EntityBlocked."""
    known: dict[str, int] = {}
    for number, one in enumerate(lines):
        whose = number if unit is Unit.EXAMPLE else known.setdefault(one.subject or "", len(known))
        yield Lesson(bench.redacted(one.text, lambda _: None), frozenset(one.labels), whose)


def _draw(budget: Budget, one: Line) -> bytes:
    return hmac.digest(budget.salt, one.text.encode("utf-8", "surrogatepass"), "sha256")


def _line(number: int, text: str) -> Line:
    try:
        return Line.model_validate_json(text)
    except ValidationError:
        raise InvalidRequest(
            f'Line {number} is no example: write {{"text": "...", "labels": ["health"], "subject": "..."}}.', param="examples"
        ) from None
