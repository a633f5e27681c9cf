"""The order in which deployments are tried. Pure: what is busy, what a request begins with and a random number are given.

The first tier with a deployment that is fit and has a free place gives the first choice: the canary, if the exchange is drawn
for it; else where the request's beginning is warm, unless that one has much more than its share; else the least loaded. What is
fit comes before what is not, what has a free place before what has none, and a better tier before the next.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.obligations import DeploymentRef, RouteTerms, Share
from gateway.routing.affinity import Candidate, fraction, rendezvous, score, within_bound
from gateway.routing.load import Load

Loads = Callable[[DeploymentRef], Load]
_ONLY = "the only one that policy lets through"


@dataclass(frozen=True, slots=True)
class Choice:
    """A deployment, and in words why it is tried when it is."""

    deployment: DeploymentRef
    reason: str


def ranked(terms: RouteTerms, loads: Loads, affinity: bytes | None, draw: float) -> Iterator[Choice]:
    """Every deployment of the tiers once, and the canary before them where the exchange is drawn for it. Worked out as it is
    asked for: most exchanges need the first alone.

    `affinity` is a key that requests with one beginning share (at most 64 bytes), `draw` a random number from 0 up to 1.
    """
    if len(terms.tiers) == 1 and len(terms.tiers[0]) == 1 and terms.canary is None:
        yield Choice(terms.tiers[0][0], _ONLY)
        return
    candidates = [Candidate(one, loads(one), terms.weight(one), tier) for tier, of in enumerate(terms.tiers, 1) for one in of]
    if terms.canary is not None and drawn(terms.canary, affinity, draw, b"canary"):
        yield from _canary(terms.canary, loads)
    yield from _Way(candidates, affinity, draw).choices()


def drawn(share: Share, affinity: bytes | None, draw: float, word: bytes) -> bool:
    """Whether an exchange is one of this share. All turns of a conversation are drawn alike: an answer that changes its tone
    half-way would be no fair trial.
    """
    return 100 * (draw if affinity is None else fraction(affinity, word)) < share.percent


def _canary(share: Share, loads: Loads) -> tuple[Choice, ...]:
    """It is on trial: when it is busy or out of order, the exchange is as any other."""
    if not _is_free(loads(share.deployment)):
        return ()
    return (Choice(share.deployment, f"canary, which gets {share.percent:g} %"),)


@dataclass(frozen=True, slots=True)
class _Way:
    """One request before the tiers."""

    candidates: Sequence[Candidate]
    affinity: bytes | None
    draw: float

    def choices(self) -> Iterator[Choice]:
        free = [one for one in self.candidates if _is_free(one.load)]
        if free:
            head, reason = self._head([one for one in free if one.tier == free[0].tier])
            yield Choice(head.deployment, reason)
            yield from self._others("in its turn", [one for one in free if one is not head])
        yield from self._others("when it has a free place", [one for one in self.candidates if _is_full(one.load)])
        yield from self._others("out of order, the last resort", [one for one in self.candidates if not one.load.fit])

    def _head(self, equals: Sequence[Candidate]) -> tuple[Candidate, str]:
        if len(equals) == 1:
            return equals[0], self._alone(equals[0].tier)
        among = f"of {len(equals)} in tier {equals[0].tier}"
        if self.affinity is None:
            return self._by_load(equals)[0], f"the least loaded {among}"
        way = rendezvous(self.affinity, equals)
        chosen = next(filter(within_bound(equals), way))
        return chosen, f"where its beginning belongs {among}" + ("" if chosen is way[0] else ", the first place being busy")

    def _alone(self, tier: int) -> str:
        size = len(self.candidates)
        if size == 1:
            return _ONLY
        if tier == 1 and self.candidates[1].tier > 1:
            return f"the first of {size} that policy lets through"
        return f"the only one in tier {tier} that is fit and has a free place"

    def _others(self, reason: str, some: Sequence[Candidate]) -> Iterator[Choice]:
        yield from (Choice(one.deployment, f"tier {one.tier}, {reason}") for one in self._by_load(some))

    def _by_load(self, some: Sequence[Candidate]) -> Sequence[Candidate]:
        """By tier, then by outstanding tokens for the weight; of equals each comes first in proportion to its weight."""
        if len(some) < 2:
            return some
        draw = struct.pack("<d", self.draw)
        return sorted(some, key=lambda one: (one.tier, one.load.outstanding_tokens / one.weight, -score(draw, one)))


def _is_free(load: Load) -> bool:
    return load.fit and load.free


def _is_full(load: Load) -> bool:
    return load.fit and not load.free
