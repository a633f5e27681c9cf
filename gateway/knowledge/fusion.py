"""Several rankings become one: reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

_K = 60
"""Of the paper: how much the first places count above the next."""


def fused(rankings: Sequence[Sequence[int]], limit: int) -> list[tuple[int, float]]:
    """The best, with their scores; of equal ones the one that comes first in the first ranking that has either."""
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in rankings:
        for place, item in enumerate(ranking, start=1):
            scores[item] += 1 / (_K + place)
    return sorted(scores.items(), key=lambda one: -one[1])[:limit]
