"""The innermost stage where a caller holds the key: frames go to a deployment that policy lets through, unread.

What `route` is to a request in words this is to one in ciphertexts, with the same router: another deployment is asked until
one has greeted us, and none after that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from opentelemetry.trace import NoOpTracer, Tracer

from gateway.errors import InvalidRequest, UpstreamUnreachable
from gateway.exchange import Exchange, Relayed, Reply, Served
from gateway.exchange.relay import JournalRelay
from gateway.fhe.deployed import Deployed
from gateway.fhe.relay.pipe import Pipe
from gateway.obligations import DeploymentRef
from gateway.pipeline import Proceed
from gateway.protocol.usage import Usage, UsageSource
from gateway.routing.answering import Answering
from gateway.routing.choice import Choice
from gateway.routing.errand import Errand, Place, Told
from gateway.routing.router import Router
from gateway.telemetry.upstream_span import send_in_span
from gateway.upstream.base import Upstream, UpstreamCall


class Fleet(Protocol):
    """Connections to deployments."""

    def upstream(self, deployment: DeploymentRef) -> Upstream:
        """Raises UpstreamUnreachable for a deployment that is out of service."""

    def total_s(self, deployment: DeploymentRef) -> float:
        """How many seconds an exchange with it may take."""


class Relay:
    """The stage. With a tracer that records, each call has a span of its own."""

    def __init__(self, fleet: Fleet, router: Router, tracer: Tracer | None = None) -> None:
        self._fleet = fleet
        self._router = router
        self._tracer = tracer or NoOpTracer()

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:  # noqa: ARG002 - nothing lies further in
        if exchange.principal is None or not isinstance(exchange.intake, Pipe):
            raise LookupError("relay runs after authorize, for an exchange of frames")
        announced = exchange.intake.announced
        if announced.prompt < 1:
            raise InvalidRequest("A prompt has at least one token.", param="prompt_tokens")
        visit = _Visit(exchange, exchange.intake, self._fleet, self._tracer)
        errand = Errand(
            terms=exchange.obligations.routing,
            deployments=exchange.obligations.deployments,
            send=visit.send,
            note=visit.note,
            elapsed_ms=exchange.journal.elapsed_ms,
            total_s=self._fleet.total_s,
            cause=exchange.call_id.encode,
            tokens=announced.prompt + announced.answer,
            tenant=exchange.principal.tenant,
        )
        return await self._router.answer(errand)


class _Visit:
    """One exchange before the deployments."""

    def __init__(self, exchange: Exchange, pipe: Pipe, fleet: Fleet, tracer: Tracer) -> None:
        self._exchange = exchange
        self._pipe = pipe
        self._fleet = fleet
        self._tracer = tracer

    async def send(self, place: Place, told: Told) -> Reply:
        """On the record before the server hears of it; its place is left when the body has ended."""
        journal = _CountedHere(self._exchange.journal)
        deployed = self._fleet.upstream(place.choice.deployment)
        if not isinstance(deployed, Deployed):
            raise UpstreamUnreachable("the deployment takes no ciphertexts")
        self._learned(place.choice, told)
        await journal.commit()

        async def send(_: UpstreamCall) -> Reply:
            reply = await deployed.relay(self._pipe, self._passed)
            return replace(reply, body=Answering(reply.body, self._exchange.surface, journal, place.seat, reply.tally))

        call = UpstreamCall(surface=self._exchange.surface, body={}, stream=True)
        return await send_in_span(self._tracer, self._exchange, deployed.place, call, send)

    def note(self, choice: Choice, told: Told) -> None:
        """Which attempts there were, and which deployment has the last word."""
        self._learned(choice, told)

    def _passed(self, passed: Relayed) -> None:
        self._exchange = self._exchange.learn(relayed=passed)

    def _learned(self, choice: Choice, told: Told) -> None:
        one = choice.deployment
        served = Served(model=one.model, version=one.version, digest=one.digest, external=one.external)
        self._exchange = self._exchange.learn(deployment=one.id, route_reason=choice.reason, served=served, attempts=told)


class _CountedHere(JournalRelay):
    """The exchange's journal, which is told that tokens were counted by frames and not said by a backend."""

    def settle(self, usage: Usage) -> None:
        super().settle(replace(usage, source=UsageSource.COUNTED))
