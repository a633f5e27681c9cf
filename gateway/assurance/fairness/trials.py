"""The same sentences with names of different groups: how many are found, and of how many something is left. Pure.

Each group has the same sentences equally often, so that what differs is the names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import lcm

from gateway.assurance.fairness.intervals import Rate
from gateway.assurance.fairness.names import Cohort
from gateway.exchange import Finding

Find = Callable[[str], Sequence[Finding]]
Protects = Callable[[str], bool]
"""Whether findings of a type are replaced, and not kept."""
_MARK = "{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """`found`: somebody's name was seen there. `leaked`: a character of it, spaces aside, would have gone out."""

    cohort: Cohort
    found: Rate
    leaked: Rate


def tried(
    cohort: Cohort, names: Sequence[str], sentences: Sequence[str], samples: int, find: Find, protects: Protects
) -> Tried:
    """So many samples, of which no two are the same as long as there are enough names and sentences."""
    again = lcm(len(sentences), len(names))  # where the first pair would come again: there it goes on one name further
    found = leaked = 0
    for number in range(samples):
        sentence = sentences[number % len(sentences)]
        name = names[(number + number // again) % len(names)]
        start = sentence.index(_MARK)
        seen = find(sentence.replace(_MARK, name))
        found += any(one.entity == "PERSON" and one.start < start + len(name) and start < one.end for one in seen)
        leaked += not _covered(name, start, [one for one in seen if protects(one.entity)])
    return Tried(cohort=cohort, found=Rate(found, samples), leaked=Rate(leaked, samples))


def _covered(name: str, start: int, findings: Sequence[Finding]) -> bool:
    places = [start + offset for offset, sign in enumerate(name) if not sign.isspace()]
    return all(any(one.start <= place < one.end for one in findings) for place in places)
