"""The innermost stage: choose a deployment that policy allows, enter the exchange in the record, and call it."""

from __future__ import annotations

from contextlib import aclosing
from typing import Protocol

from gateway.errors import UpstreamUnreachable
from gateway.exchange import Body, Exchange, Reply
from gateway.obligations import DeploymentRef
from gateway.pipeline import Proceed
from gateway.protocol.usage import Tally
from gateway.upstream.base import Upstream, UpstreamCall


class Fleet(Protocol):
    """Connections to deployments."""

    def upstream(self, deployment: DeploymentRef) -> Upstream:
        """Raises UpstreamUnreachable for a deployment that is out of service."""


class Route:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:  # noqa: ARG002 - nothing lies further in
        if exchange.redacted is None:
            raise LookupError("route runs after redact")
        deployment = self._choose(exchange)
        upstream = self._fleet.upstream(deployment)
        await exchange.learn(deployment=deployment.id).journal.commit()
        call = UpstreamCall(surface=exchange.surface, body=exchange.redacted, stream=exchange.stream)
        reply = await upstream.send(call)
        return reply.through(lambda body: _tallied(body, exchange))

    def _choose(self, exchange: Exchange) -> DeploymentRef:
        for deployment in exchange.obligations.deployments:
            return deployment
        raise UpstreamUnreachable("No deployment serves this model.")


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
