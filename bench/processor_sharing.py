"""A queue to compare with: one processor that serves all who are there in turns (processor sharing), equal work for each.

Its p99 and p50 are what a measured tail is read against: so much of it is nothing but others who came at the same time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


def sojourns(arrivals: Iterable[float], work: float) -> list[float]:
    """How long each is there, in the unit of `arrivals` (ascending) and `work`, in the order of leaving.

    With n there, each gets a share of 1/n. All have the same work, so they leave in the order in which they came.
    """
    there: deque[tuple[float, float]] = deque()  # when it came, and at which share of time it will be done
    taken: list[float] = []
    now = share = 0.0

    def advance(until: float) -> None:
        nonlocal now, share
        while there and (left := now + (there[0][1] - share) * len(there)) <= until:
            now, (came, share) = left, there.popleft()
            taken.append(now - came)
        share += (until - now) / len(there) if there else 0.0
        now = until

    for at in arrivals:
        advance(at)
        there.append((at, share + work))
    while there:
        advance(now + work * len(there) * len(there))
    return taken
