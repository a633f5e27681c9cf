"""Where exchanges on a model may go: what its route holds, and what of it is left when policy's demands are made. Pure.

A canary and a shadow stand under the same demands as every other deployment. One that does not meet them is left out, and the
obligations name it. A canary never stands alone: where no other deployment is let through, the model has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.obligations import DeploymentRef, RouteTerms, Share
from gateway.policy.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A deployment, and what a route may demand of it."""

    deployment: DeploymentRef
    region: str | None
    labels: frozenset[str]
    kind: str
    external: bool = False

    def admitted(self, terms: Terms) -> bool:
        return terms.route.admits(region=self.region, labels=self.labels, kind=self.kind, external=self.external)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedShare:
    """A place, and its part of the exchanges in percent."""

    place: Place
    percent: float

    def under(self, terms: Terms) -> Share | None:
        return Share(self.place.deployment, self.percent) if self.place.admitted(terms) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRoute:
    """The route of one model, before any demand is made on it."""

    tiers: tuple[tuple[Place, ...], ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    canary: PlacedShare | None = None
    shadow: PlacedShare | None = None
    retries: int = 2
    hedge_after_s: float | None = None
    queue_s: float = 10.0

    @property
    def leads_out(self) -> bool:
        """Whether any of its deployments is off the premises."""
        return any(place.external for tier in self.tiers for place in tier)

    def under(self, terms: Terms) -> RouteTerms:
        """What terms let through. Without a tier there is no canary and no shadow either."""
        tiers = tuple(filter(None, (_admitted(tier, terms) for tier in self.tiers)))
        return RouteTerms(
            tiers=tiers,
            weights=self.weights,
            canary=self.canary.under(terms) if self.canary and tiers else None,
            shadow=self.shadow.under(terms) if self.shadow and tiers else None,
            left_out=tuple(self._left_out(terms)),
            retries=self.retries,
            hedge_after_s=self.hedge_after_s,
            queue_s=self.queue_s,
            priority=terms.priority or 0,
            demanded=terms.route.demands,
        )

    def _left_out(self, terms: Terms) -> Iterator[str]:
        for word, share in (("canary", self.canary), ("shadow", self.shadow)):
            if share is not None and not share.place.admitted(terms):
                yield f"{word} {share.place.deployment.id}"


def deployments_of(routing: RouteTerms) -> tuple[DeploymentRef, ...]:
    """Those that may answer, preferred first, a canary last."""
    canary = () if routing.canary is None else (routing.canary.deployment,)
    return (*(one for tier in routing.tiers for one in tier), *canary)


def _admitted(tier: tuple[Place, ...], terms: Terms) -> tuple[DeploymentRef, ...]:
    return tuple(place.deployment for place in tier if place.admitted(terms))
