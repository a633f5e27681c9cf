"""The small words of the language: ids, names, numbers, and what an operator may be in each direction."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt, StringConstraints

from gateway.obligations import OperatorKind
from gateway.policy.language.part import refuse

DEFAULT = "default"
"""In `entities`: every type that is not named."""

_PERIODS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_RATE = re.compile(r"\s*([0-9][0-9_]{0,17}(?:\.[0-9]{1,6})?)\s*/\s*(second|minute|hour|day)\s*")
_MOST = 10**15
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,7})([smhd])")
_LONGEST_S = 30 * 86_400


def _irreversible(value: object) -> object:
    if value in (OperatorKind.PLACEHOLDER, OperatorKind.SURROGATE):
        raise refuse(
            f"operator '{value}' makes no sense in a reply: nobody could restore it",
            "use one of keep, mask, hash, drop, block",
        )
    return value


def _rate(value: object) -> object:
    if not isinstance(value, str) or not _RATE.fullmatch(value) or not 0 < parse_rate(value)[0] <= _MOST:
        raise refuse("not a rate", "write a number above 0 for each second, minute, hour or day: 60/minute")
    return value.strip()


def _whole_rate(value: object) -> object:
    if isinstance(value, str) and "." in value:
        raise refuse("not a whole number", "write a whole number for each second, minute, hour or day: 60/minute")
    return _rate(value)


def parse_rate(text: str) -> tuple[float, int]:
    """`60/minute` as (60.0, 60): a number and the seconds that it is for. Raises ValueError."""
    found = _RATE.fullmatch(text)
    if found is None:
        raise ValueError("not a rate")
    return float(found[1].replace("_", "")), _PERIODS[found[2]]


def _duration(value: object) -> object:
    if not isinstance(value, str) or not _DURATION.fullmatch(value) or not 0 < parse_duration(value) <= _LONGEST_S:
        raise refuse("not a duration", "write a number above 0 and s, m, h or d, at most 30d: 10m")
    return value


def _duration_or_none(value: object) -> object:
    if value == "none":
        return value
    try:
        return _duration(value)
    except ValueError:
        raise refuse("not a duration", "write none, or a number above 0 and s, m, h or d, at most 30d: 12h") from None


def parse_duration(text: str) -> int:
    """`10m` as seconds. Raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError("not a duration")
    return int(found[1]) * _UNITS[found[2]]


def _between(least: int, most: int) -> Callable[[int], int]:
    def check(number: int) -> int:
        if not least <= number <= most:
            raise refuse("out of range", f"write a whole number from {least} to {most}")
        return number

    return check


Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$")]
Label: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
ModelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f]{1,200}$")]
Seconds: TypeAlias = Annotated[float, Field(strict=True, gt=0, le=86_400, allow_inf_nan=False)]
Rate: TypeAlias = Annotated[str, BeforeValidator(_whole_rate)]
SpendRate: TypeAlias = Annotated[str, BeforeValidator(_rate)]
Concurrent: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": 1, "maximum": 1_000_000}), AfterValidator(_between(1, 1_000_000))
]
CachedBytes: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": 1, "maximum": 67_108_864}), AfterValidator(_between(1, 67_108_864))
]
Duration: TypeAlias = Annotated[str, Field(json_schema_extra={"pattern": "^[0-9]{1,7}[smhd]$"}), BeforeValidator(_duration)]
DurationOrNone: TypeAlias = Annotated[
    str, Field(json_schema_extra={"pattern": "^(none|[0-9]{1,7}[smhd])$"}), BeforeValidator(_duration_or_none)
]
Days: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": 0, "maximum": 36_500}), AfterValidator(_between(0, 36_500))
]
Money: TypeAlias = Annotated[float, Field(strict=True, ge=0, le=1_000_000, allow_inf_nan=False)]
Sentence: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Instruction: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Prefix: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=500)]
ReplyOperator: TypeAlias = Annotated[
    Literal[OperatorKind.KEEP, OperatorKind.MASK, OperatorKind.HASH, OperatorKind.DROP, OperatorKind.BLOCK],
    BeforeValidator(_irreversible),
]
RecordOperator: TypeAlias = Literal[
    OperatorKind.KEEP, OperatorKind.PLACEHOLDER, OperatorKind.SURROGATE, OperatorKind.MASK, OperatorKind.HASH, OperatorKind.DROP
]
