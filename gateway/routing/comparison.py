"""How deployments of one model did, side by side: a canary beside the others, a shadow beside the calls that it copied. Pure.

Times run from the opening of an exchange on the record, so that what the gateway does before is in neither side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.exchange import CacheState, Likeness

_FAILED = frozenset({Outcome.FAILED, Outcome.TRUNCATED})
_UNCOUNTED = frozenset({Outcome.INCOMPLETE, Outcome.ABORTED, Outcome.DENIED})


class Side(NamedTuple):
    """What is compared: all calls that a deployment answered, the copies that went to it, or the originals of those."""

    deployment: str
    role: str = "answered"


@dataclass(slots=True)
class Column:
    """One side's figures as they are gathered: milliseconds, tokens, and how answers ended."""

    calls: int = 0
    failed: int = 0
    first_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)
    output_tokens: list[int] = field(default_factory=list)
    finish_reasons: Counter[str] = field(default_factory=Counter)
    likenesses: list[Likeness] = field(default_factory=list)

    def add(self, record: ExchangeRecord) -> None:
        self.calls += 1
        self.finish_reasons.update(record.usage.finish_reasons)
        if record.shadow is not None and record.shadow.likeness is not None:
            self.likenesses.append(record.shadow.likeness)
        if record.outcome in _FAILED:
            self.failed += 1
            return
        if record.usage.output_tokens is not None:
            self.output_tokens.append(record.usage.output_tokens)
        self._time(record)

    def _time(self, record: ExchangeRecord) -> None:
        times = record.timings_ms
        if times.committed is None:
            return
        ended = record.attempts[-1].ended_ms if record.shadow is not None and record.attempts else times.total
        if times.first_event is not None:
            self.first_ms.append(times.first_event - times.committed)
        if ended is not None:
            self.whole_ms.append(ended - times.committed)

    @property
    def figures(self) -> Mapping[str, float | int | None]:
        """None where there is nothing to say."""
        return {
            "calls": self.calls,
            "failed": self.failed,
            "first_event_ms_p50": percentile(self.first_ms, 50),
            "first_event_ms_p95": percentile(self.first_ms, 95),
            "whole_ms_p50": percentile(self.whole_ms, 50),
            "whole_ms_p95": percentile(self.whole_ms, 95),
            "output_tokens_mean": _mean(self.output_tokens),
            "same_length": _mean([one.length for one in self.likenesses]),
            "equal": _mean([one.equal for one in self.likenesses if one.equal is not None]),
            "overlap": _mean([one.overlap for one in self.likenesses if one.overlap is not None]),
        }


def compared(records: Iterable[ExchangeRecord], model: str) -> Mapping[Side, Column]:
    """The sides, of records that come newest first: a copy comes before its original. What the cache answered is nobody's."""
    sides: dict[Side, Column] = {}
    copied: dict[str, str] = {}
    for record in records:
        if record.model != model or record.deployment is None or record.outcome in _UNCOUNTED:
            continue
        if record.shadow is not None:
            copied[record.shadow.of] = record.deployment
            sides.setdefault(Side(record.deployment, "shadow"), Column()).add(record)
        elif record.cache is not CacheState.HIT:
            sides.setdefault(Side(record.deployment), Column()).add(record)
            if shadow := copied.pop(record.call_id, None):
                sides.setdefault(Side(shadow, "originals"), Column()).add(record)
    return dict(sorted(sides.items()))


def percentile(numbers: Sequence[float], percent: int) -> float | None:
    """The nearest rank: a number that was measured, and not one between two."""
    return round(sorted(numbers)[max(0, ceil(len(numbers) * percent / 100) - 1)], 1) if numbers else None


def _mean(numbers: Sequence[float]) -> float | None:
    return round(sum(numbers) / len(numbers), 3) if numbers else None
