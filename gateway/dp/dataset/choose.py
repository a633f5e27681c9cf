"""Which examples of a unit are in the data set. Pure.

Whatever is chosen of one unit depends on that unit's examples alone: only then does a bound on what one unit changes hold for
the set as a whole. That is why equal examples of two people both stay: to drop one would let a person decide about another's.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.dp.dataset.example import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`conversation` is the chat that it is a turn of; `at` when the exchange opened (ISO 8601, UTC)."""

    call_id: str
    at: str
    conversation: str | None
    example: Example


def unit_name(salt: bytes, unit: str) -> str:
    """By which a unit is known in the data set, and from which nobody tells who it is without the salt."""
    return hmac.digest(salt, f"unit\0{unit}".encode(), "sha256").hex()[:32]


def chosen(candidates: Iterable[Candidate], salt: bytes, most: int) -> tuple[list[Example], Counter[str]]:
    """At most `most` of each unit, in an order that says nothing; and how many were left out for which reason."""
    units: dict[str, list[Candidate]] = {}
    for one in candidates:
        units.setdefault(one.example.unit, []).append(one)
    left_out: Counter[str] = Counter()
    kept: list[Example] = []
    for unit in sorted(units):
        kept += _of_unit(units[unit], salt, most, left_out)
    return kept, left_out


def _of_unit(candidates: Sequence[Candidate], salt: bytes, most: int, left_out: Counter[str]) -> list[Example]:
    newest = _newest_turns(candidates)
    drawn = sorted(newest, key=lambda one: hmac.digest(salt, f"example\0{one.call_id}".encode(), "sha256"))
    distinct = {one.example.normal_form: one.example for one in reversed(drawn)}
    left_out["earlier_turns"] += len(candidates) - len(newest)
    left_out["duplicates"] += len(newest) - len(distinct)
    left_out["over_the_cap"] += max(len(distinct) - most, 0)
    return list(reversed(distinct.values()))[:most]


def _newest_turns(candidates: Sequence[Candidate]) -> list[Candidate]:
    """A later turn of a chat holds the earlier ones."""
    newest: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (one.at, one.call_id)):
        newest[one.conversation or one.call_id] = one
    return list(newest.values())
