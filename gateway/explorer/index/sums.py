"""What an exchange adds to the sums that dashboards are drawn from. Pure.

Every sum is by one property: by outcome, by model, by rule and so on, each by hour and by day. What an exchange has added can
be taken away again, which is what happens when an opened one completes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from gateway.errors import EntityBlocked
from gateway.exchange import COPY
from gateway.explorer.index.buckets import bucket
from gateway.explorer.index.row import Row
from gateway.obligations import OperatorKind


class Measure(StrEnum):
    """What is counted, and by what: `word` and `detail` of a sum."""

    OUTCOME = "outcome"  # exchanges by outcome
    MODEL = "model"  # exchanges, tokens and cost by model and deployment
    DENIAL = "denial"  # denied exchanges by rule, or by the types that policy blocks
    CACHE = "cache"  # exchanges by what the cache did
    DURATION = "duration"  # ended exchanges by the bucket of their duration
    FIRST_EVENT = "first_event"  # the same, until the first event of the answer
    FINDING = "finding"  # findings by entity type and operator
    BUSY = "busy"  # milliseconds that calls took, by model and deployment


class Grain(StrEnum):
    HOUR = "hour"
    DAY = "day"

    def period(self, moment: str) -> str:
        """The period that a moment (ISO 8601, UTC) lies in: `2026-11-22T10` or `2026-11-22`."""
        return moment[:13] if self is Grain.HOUR else moment[:10]


ALL = "all"
"""The scope of sums over every tenant, and over exchanges in none."""


def scope_of(tenant: str | None) -> str:
    """The scope of a tenant; no name of a tenant is `all`, or that of exchanges in none."""
    return "none" if tenant is None else f"of:{tenant}"


class Key(NamedTuple):
    measure: str
    scope: str
    grain: str
    period: str
    word: str
    detail: str


class Amounts(NamedTuple):
    """`number` is of exchanges, of findings or of milliseconds; `cost` in millionths of the policy's currency."""

    number: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0


_ONE = Amounts(1)
_MOST_TYPES = 3


def changes(before: Iterable[Row], after: Iterable[Row]) -> dict[Key, Amounts]:
    """What has to be added to the sums where these exchanges take the place of those; keys that stay as they are left out."""
    hours: dict[Key, list[int]] = {}
    for rows, sign in ((before, -1), (after, 1)):
        for row in filter(_was_asked_for, rows):
            hour, scope = Grain.HOUR.period(row.opened_at), scope_of(row.tenant)
            for measure, word, detail, amounts in _counted(row):
                _add(hours.setdefault(Key(measure, scope, Grain.HOUR.value, hour, word, detail), [0, 0, 0, 0]), amounts, sign)
    hours |= _folded(hours, lambda key: key._replace(scope=ALL))
    days = _folded(hours, lambda key: key._replace(grain=Grain.DAY.value, period=Grain.DAY.period(key.period)))
    return {key: Amounts(*amounts) for key, amounts in (hours | days).items() if any(amounts)}


def _was_asked_for(row: Row) -> bool:
    return not row.call_id.endswith(COPY)


def _folded(sums: Mapping[Key, Sequence[int]], change: Callable[[Key], Key]) -> dict[Key, list[int]]:
    folded: dict[Key, list[int]] = {}
    for key, amounts in sums.items():
        _add(folded.setdefault(change(key), [0, 0, 0, 0]), amounts, 1)
    return folded


def _add(total: list[int], amounts: Sequence[int], sign: int) -> None:
    number, input_tokens, output_tokens, cost = amounts
    total[0] += sign * number
    total[1] += sign * input_tokens
    total[2] += sign * output_tokens
    total[3] += sign * cost


def _counted(row: Row) -> Iterator[tuple[str, str, str, Amounts]]:
    yield Measure.OUTCOME.value, row.outcome, "", _ONE
    if row.model is not None:
        yield Measure.MODEL.value, row.model, row.deployment or "", _used(row)
    if (denied_by := _denied_by(row)) is not None:
        yield Measure.DENIAL.value, denied_by, "", _ONE
    if row.cache is not None:
        yield Measure.CACHE.value, row.cache, "", _ONE
    if row.duration_ms is not None:
        yield Measure.DURATION.value, str(bucket(row.duration_ms)), "", _ONE
    if row.first_event_ms is not None:
        yield Measure.FIRST_EVENT.value, str(bucket(row.first_event_ms)), "", _ONE
    if row.model is not None and row.busy_ms is not None:
        yield Measure.BUSY.value, row.model, row.deployment or "", Amounts(round(row.busy_ms))
    for found in row.found:
        yield Measure.FINDING.value, found.entity, found.operator, Amounts(found.count)


def _denied_by(row: Row) -> str | None:
    """A rule, or the operator and the types that it blocked, where the record has them: `block SECRET`."""
    if row.allow is False:
        return row.rule or ""
    if row.error_code != EntityBlocked.code:
        return None
    types = sorted({one.entity for one in row.found if one.operator == OperatorKind.BLOCK.value})
    return " ".join([OperatorKind.BLOCK.value, *types[:_MOST_TYPES]])


def _used(row: Row) -> Amounts:
    """What the model did: an answer out of the cache took no tokens, though the record repeats how many it once took."""
    if row.cache == "hit":
        return Amounts(1, cost=row.cost or 0)
    return Amounts(1, row.input_tokens or 0, row.output_tokens or 0, row.cost or 0)
