"""Where one exchange gets its next place: the best that is free, or after a wait; never where policy does not let it go."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from gateway.obligations import DeploymentRef, RouteTerms
from gateway.routing.choice import Choice, ranked
from gateway.routing.errand import Errand, Place, Shared
from gateway.routing.queue import Wish
from gateway.routing.standings import Standing


class Seating:
    """Of one exchange. Remembers where it has asked already."""

    def __init__(self, errand: Errand, shared: Shared) -> None:
        self._errand = errand
        self._shared = shared
        self._terms = _with_tiers(errand)
        self._draw = shared.draw()
        self._asked: list[DeploymentRef] = []
        self._queue_left_s = errand.terms.queue_s

    @property
    def left(self) -> tuple[DeploymentRef, ...]:
        """Those that have not been asked yet."""
        return tuple(one for tier in self._terms.tiers for one in tier if one not in self._asked)

    def newcomer(self) -> Place | None:
        """A first place, unless somebody waits who goes first."""
        place = self.take()
        if place is not None and len(self._shared.queue) and self._is_behind(place.choice.deployment):
            self._asked.clear()
            place.seat.leave()
            return None
        return place

    def take(self) -> Place | None:
        """The best that is free. Where none is fit at all, the best that has not asked to be left alone."""
        for choice in self._ranked():
            standing = self._shared.standings.of(choice.deployment)
            fit, free = standing.fit, standing.free
            if fit and not free:
                return None
            if free and (fit or not standing.rest_s):
                return self.seated(choice, standing)
        return None

    def spare(self) -> Place | None:
        """One that is fit and free now: nobody waits in order to hedge."""
        for choice in self._ranked():
            standing = self._shared.standings.of(choice.deployment)
            if standing.fit and standing.free:
                return self.seated(Choice(choice.deployment, f"asked as well, the first being slow: {choice.reason}"))
        return None

    async def wait(self) -> Place:
        """In the queue, as long as policy lets this exchange wait in all. Raises Overloaded."""
        left = self.left
        rest_s = min(map(self._rest_s, left), default=0.0)
        began = self._errand.elapsed_ms()
        wish = Wish(
            places=left,
            take=self.take,
            give_back=lambda place: place.seat.leave(),
            priority=self._terms.priority,
            tenant=self._errand.tenant,
            retry_after_s=max(1, math.ceil(rest_s or self._terms.queue_s)),
        )
        try:
            return await self._shared.queue.wait(wish, self._queue_left_s if rest_s < self._queue_left_s else 0.0)
        finally:
            self._queue_left_s -= (self._errand.elapsed_ms() - began) / 1000

    def seated(self, choice: Choice, standing: Standing | None = None) -> Place:
        """The only way to a seat; whoever knows already how the deployment stands may say so."""
        deployment = choice.deployment
        if deployment not in self._errand.deployments:
            raise LookupError("a deployment was chosen that policy does not let through")
        tier = next((tier for tier in self._terms.tiers if deployment in tier), ())
        self._asked.append(deployment)
        standings = self._shared.standings
        seat = standings.seat(standing or standings.of(deployment), self._errand.tokens, tier, self._suspected)
        return Place(choice, seat, self._errand.elapsed_ms())

    def _suspected(self) -> bool:
        return self._shared.suspects.failed(self._errand.cause())

    def _ranked(self) -> Iterator[Choice]:
        choices = ranked(self._terms, self._shared.standings.load, self._errand.affinity, self._draw)
        return (one for one in choices if one.deployment not in self._asked) if self._asked else choices

    def _is_behind(self, deployment: DeploymentRef) -> bool:
        return self._shared.queue.is_before(deployment, self._terms.priority)

    def _rest_s(self, deployment: DeploymentRef) -> float:
        return self._shared.standings.of(deployment).rest_s


def _with_tiers(errand: Errand) -> RouteTerms:
    """Where policy says nothing of tiers, each is its own."""
    if errand.terms.tiers:
        return errand.terms
    return replace(errand.terms, tiers=tuple((one,) for one in errand.deployments))
