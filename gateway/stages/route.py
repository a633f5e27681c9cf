"""The innermost stage: a deployment that policy lets through answers. Each call is on the record before it is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from opentelemetry.trace import NoOpTracer, Tracer

from gateway.exchange import Exchange, Reply, Served
from gateway.limits.estimate import MOST_OUTPUT, estimate, rough_weight
from gateway.obligations import DeploymentRef, RouteTerms
from gateway.pipeline import Proceed
from gateway.protocol.tools import backend_acts
from gateway.routing.answering import Answering
from gateway.routing.cache_salt import cache_salt
from gateway.routing.choice import Choice
from gateway.routing.errand import Errand, Place, Told
from gateway.routing.prefix import affinity_key
from gateway.routing.router import Router
from gateway.routing.suspects import cause_of
from gateway.telemetry.upstream_span import send_in_span
from gateway.upstream.base import Upstream, UpstreamCall


class Fleet(Protocol):
    """Connections to deployments."""

    def upstream(self, deployment: DeploymentRef) -> Upstream:
        """Raises UpstreamUnreachable for a deployment that is out of service."""

    def total_s(self, deployment: DeploymentRef) -> float:
        """How many seconds an exchange with it may take."""


class Route:
    """The stage. `secret` keys what is known of a request's beginning, and the tenants' salts. A backend is told of the
    caller's trace; with a tracer that records, each call has a span of its own.
    """

    def __init__(self, fleet: Fleet, router: Router, secret: bytes, tracer: Tracer | None = None) -> None:
        self._fleet = fleet
        self._router = router
        self._secret = secret
        self._tracer = tracer or NoOpTracer()

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:  # noqa: ARG002 - nothing lies further in
        if exchange.redacted is None or exchange.principal is None:
            raise LookupError("route runs after redact")
        own = exchange.obligations
        visit = _Visit(exchange, self._fleet, self._tracer, cache_salt(exchange, self._secret))
        chooses = _has_equals(own.routing)
        errand = Errand(
            terms=_unhurried(own.routing) if backend_acts(exchange.redacted) else own.routing,
            deployments=own.deployments,
            send=visit.send,
            note=visit.note,
            elapsed_ms=exchange.journal.elapsed_ms,
            total_s=self._fleet.total_s,
            cause=lambda: cause_of(exchange, self._secret),
            tokens=_tokens(exchange, closely=chooses),
            tenant=exchange.principal.tenant,
            affinity=affinity_key(exchange, self._secret) if chooses else None,
        )
        return await self._router.answer(errand)


class _Visit:
    """One exchange before the deployments."""

    def __init__(self, exchange: Exchange, fleet: Fleet, tracer: Tracer, salt: str | None) -> None:
        self._exchange = exchange
        self._salt = salt
        self._fleet = fleet
        self._tracer = tracer
        self._routed = exchange

    async def send(self, place: Place, told: Told) -> Reply:
        """One call: on the record before its first byte, in a span of its own, its place left when its body has ended."""
        exchange = self._exchange
        upstream = self._fleet.upstream(place.choice.deployment)
        routed = self._routed = self._learned(place.choice, told)
        await exchange.journal.commit()

        async def send(call: UpstreamCall) -> Reply:
            reply = await upstream.send(call)
            return replace(reply, body=Answering(reply.body, exchange.surface, exchange.journal, place.seat, reply.tally))

        body = exchange.redacted or {}
        call = UpstreamCall(surface=exchange.surface, body=body, stream=exchange.stream, cache_salt=self._salt)
        return await send_in_span(self._tracer, routed, upstream.place, call, send)

    def note(self, choice: Choice, told: Told) -> None:
        """Which attempts there were, and which deployment has the last word."""
        if self._routed.deployment == choice.deployment.id:
            self._routed.learn(attempts=told)
        else:
            self._learned(choice, told)

    def _learned(self, choice: Choice, told: Told) -> Exchange:
        return self._exchange.learn(
            deployment=choice.deployment.id, route_reason=choice.reason, served=_served(choice.deployment), attempts=told
        )


def _unhurried(terms: RouteTerms) -> RouteTerms:
    """Two backends at once would act twice."""
    return terms if terms.hedge_after_s is None else replace(terms, hedge_after_s=None)


def _has_equals(terms: RouteTerms) -> bool:
    """Whether there is anything to choose: else nobody need know what the request weighs, nor how it begins."""
    return terms.canary is not None or any(len(tier) > 1 for tier in terms.tiers)


def _served(deployment: DeploymentRef) -> Served:
    return Served(model=deployment.model, version=deployment.version, digest=deployment.digest, external=deployment.external)


def _tokens(exchange: Exchange, *, closely: bool) -> int:
    """What the exchange weighs, as the limits estimate it; roughly, where there is nothing to choose by it."""
    if exchange.request is None or exchange.facts is None:
        return 0
    if not closely:
        return rough_weight(exchange.facts)
    estimated = estimate(exchange.request, exchange.facts)
    return estimated.input_tokens + min(estimated.output_tokens, MOST_OUTPUT)
