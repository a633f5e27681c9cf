"""The innermost stage: choose a deployment that policy allows, enter the exchange in the record, and call it."""

from __future__ import annotations

from contextlib import aclosing
from typing import Protocol

from opentelemetry.trace import NoOpTracer, Tracer

from gateway.errors import UpstreamUnreachable
from gateway.exchange import Body, Exchange, Reply
from gateway.obligations import DeploymentRef
from gateway.pipeline import Proceed
from gateway.protocol.usage import Tally
from gateway.telemetry.upstream_span import send_in_span
from gateway.upstream.base import Upstream, UpstreamCall


class Fleet(Protocol):
    """Connections to deployments."""

    def upstream(self, deployment: DeploymentRef) -> Upstream:
        """Raises UpstreamUnreachable for a deployment that is out of service."""


class Route:
    """The stage. A backend is told of the caller's trace; with a tracer that records, the call has a span of its own."""

    def __init__(self, fleet: Fleet, tracer: Tracer | None = None) -> None:
        self._fleet = fleet
        self._tracer = tracer or NoOpTracer()

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:  # noqa: ARG002 - nothing lies further in
        if exchange.redacted is None:
            raise LookupError("route runs after redact")
        deployment = self._choose(exchange)
        upstream = self._fleet.upstream(deployment)
        routed = exchange.learn(deployment=deployment.id, route_reason=_reason(exchange))
        await routed.journal.commit()

        async def send(call: UpstreamCall) -> Reply:
            reply = await upstream.send(call)
            return reply.through(lambda body: _tallied(body, exchange))

        call = UpstreamCall(surface=exchange.surface, body=exchange.redacted, stream=exchange.stream)
        return await send_in_span(self._tracer, routed, upstream.place, call, send)

    def _choose(self, exchange: Exchange) -> DeploymentRef:
        for deployment in exchange.obligations.deployments:
            return deployment
        raise UpstreamUnreachable("No deployment serves this model.")


def _reason(exchange: Exchange) -> str:
    """Why the deployment, in words for the record."""
    allowed = len(exchange.obligations.deployments)
    return "the only one that policy lets through" if allowed == 1 else f"the first of {allowed} that policy lets through"


async def _tallied(body: Body, exchange: Exchange) -> Body:
    """The reply as it came, counted for the record also when it breaks off."""
    tally = Tally(exchange.surface)
    async with aclosing(body) as deltas:
        try:
            async for delta in deltas:
                tally.see(delta)
                yield delta
        finally:
            exchange.journal.settle(tally.usage)
