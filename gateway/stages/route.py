"""The innermost stage: choose a deployment that policy allows, enter the exchange in the record, and call it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Protocol

from gateway.errors import UpstreamUnreachable
from gateway.exchange import Body, Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.usage import Tally
from gateway.upstream.base import Upstream, UpstreamCall


class Fleet(Protocol):
    """The deployments in force, by id."""

    @property
    def upstreams(self) -> Mapping[str, Upstream]: ...


class Route:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:  # noqa: ARG002 - nothing lies further in
        if exchange.redacted is None:
            raise LookupError("route runs after redact")
        deployment, upstream = self._choose(exchange)
        await exchange.learn(deployment=deployment).journal.commit()
        call = UpstreamCall(surface=exchange.surface, body=exchange.redacted, stream=exchange.stream)
        reply = await upstream.send(call)
        return reply.through(lambda body: _tallied(body, exchange))

    def _choose(self, exchange: Exchange) -> tuple[str, Upstream]:
        for name in exchange.obligations.deployments:
            if name in self._fleet.upstreams:
                return name, self._fleet.upstreams[name]
        raise UpstreamUnreachable("No deployment of this model is in service.")


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
