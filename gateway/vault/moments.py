"""When things in the vault expire: so long after they were last used. Pure.

A use sets the time anew only when half of it is over, so that most turns of a chat write nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.moments import written

LASTING_S = 50 * 365 * 86_400
"""Of a value that stands in documents: it goes with the last of them (`gateway.knowledge.release`), not by itself."""
NUMBERS_STAY = timedelta(days=365)
"""So long after a drawer's last value its numbers are not given out again."""


@dataclass(frozen=True, slots=True)
class Moments:
    """ISO 8601 in UTC."""

    now: str
    half: str
    end: str
    numbers_end: str


def moments(now: datetime, ttl_s: int) -> Moments:
    end = now + timedelta(seconds=ttl_s)
    return Moments(
        now=written(now),
        half=written(now + timedelta(seconds=ttl_s / 2)),
        end=written(end),
        numbers_end=written(end + NUMBERS_STAY),
    )
