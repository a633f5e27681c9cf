"""A report as the form asks for it. Pure.

Its fields are the options of `gateway dp report`, and come to the same question: what was asked there is answered here for
free, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from gateway.dp.question import By, Figure, Measure, Question
from gateway.errors import BudgetSpent, GatewayError, InvalidRequest, ProtectionUnavailable

FIELDS = ("figure", "by", "of", "most", "quantile", "epsilon")
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {"figure": "count", "by": "model", "of": "tokens", "most": "4000", "quantile": "0.5", "epsilon": ""}
)
_LONGEST = 40

_Word = TypeVar("_Word", bound=StrEnum)
_Number = TypeVar("_Number", int, float)


def given(fields: Mapping[str, str]) -> Mapping[str, str]:
    """What the form shows: what was sent, and the usual for what was not."""
    return {name: fields.get(name, DEFAULTS[name]).strip()[:_LONGEST] for name in FIELDS}


def question_of(fields: Mapping[str, str], groups: Callable[[By], tuple[str, ...]]) -> Question:
    """A count has no use for `of` and `most`, and only a quantile for `quantile`. Raises InvalidRequest."""
    figure, by = _word(Figure, fields, "figure"), _word(By, fields, "by")
    counts = figure is Figure.COUNT
    return Question(
        by=by,
        figure=figure,
        groups=groups(by),
        epsilon=_number(fields, "epsilon", float),
        measure=None if counts else _word(Measure, fields, "of"),
        most=1 if counts else _number(fields, "most", int),
        quantile=_number(fields, "quantile", float) if figure is Figure.QUANTILE else 0.5,
    )


def told(error: GatewayError) -> str | None:
    """The word under which the page explains a refusal; None for what is no answer to the question, but trouble of ours."""
    if isinstance(error, BudgetSpent):
        return "spent"
    if isinstance(error, InvalidRequest):
        return error.param
    return "unavailable" if error.code == ProtectionUnavailable.code else None


def _word(words: type[_Word], fields: Mapping[str, str], name: str) -> _Word:
    try:
        return words(fields[name])
    except ValueError:
        raise InvalidRequest("The form has no such choice.", param=name) from None


def _number(fields: Mapping[str, str], name: str, read: Callable[[str], _Number]) -> _Number:
    try:
        return read(fields[name])
    except ValueError:
        raise InvalidRequest("This takes a number.", param=name) from None
