"""Each copy of an exchange beside its original, pair by pair. Pure; `comparison` has the figures of whole deployments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.audit.event import ExchangeRecord, Outcome
from gateway.exchange import Likeness

_FAILED = frozenset({Outcome.FAILED, Outcome.TRUNCATED})
_UNCOUNTED = frozenset({Outcome.INCOMPLETE, Outcome.ABORTED, Outcome.DENIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The original's figure and the copy's: milliseconds from the opening on the record to the end of the answer."""

    likeness: Likeness | None
    whole_ms: tuple[float | None, float | None]
    output_tokens: tuple[int | None, int | None]
    failed: tuple[bool, bool]


def copied(records: Iterable[ExchangeRecord], model: str) -> Iterator[Copied]:
    """Of records that come newest first, in which a copy comes before its original."""
    waiting: dict[str, ExchangeRecord] = {}
    for record in records:
        if record.model != model or record.outcome in _UNCOUNTED:
            continue
        if record.shadow is not None:
            waiting[record.shadow.of] = record
        elif copy := waiting.pop(record.call_id, None):
            yield _pair(record, copy)


def _pair(original: ExchangeRecord, copy: ExchangeRecord) -> Copied:
    return Copied(
        likeness=copy.shadow.likeness if copy.shadow else None,
        whole_ms=(_whole(original), _whole(copy)),
        output_tokens=(original.usage.output_tokens, copy.usage.output_tokens),
        failed=(original.outcome in _FAILED, copy.outcome in _FAILED),
    )


def _whole(record: ExchangeRecord) -> float | None:
    """A copy is recorded as it ended, and its answer had ended before: that is the end of its last attempt."""
    times = record.timings_ms
    ended = record.attempts[-1].ended_ms if record.shadow is not None and record.attempts else times.total
    return None if record.outcome in _FAILED or times.committed is None or ended is None else ended - times.committed
