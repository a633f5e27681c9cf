"""The two stages that a sidecar has of its own. What it shares with the gateway lies between them."""

from __future__ import annotations

from gateway.errors import MalformedBody
from gateway.exchange import Decision, Exchange, Principal, Reply
from gateway.obligations import Obligations
from gateway.pipeline import Proceed
from gateway.upstream.base import Upstream, UpstreamCall

_WHO = Principal(tenant="here", id="caller")


class AtHome:
    """Whoever reaches this machine's sidecar may use it; what is to be done with personal data was said when it was started."""

    def __init__(self, obligations: Obligations) -> None:
        self._decision = Decision(
            allow=True, rule="sidecar", reason="everything happens at its caller's", policy_version="", obligations=obligations
        )

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.facts is None:
            raise MalformedBody("The request has no model.")
        return await proceed(exchange.learn(principal=_WHO, decision=self._decision, model=exchange.facts.model))


class Generate:
    """The innermost stage: encrypts, and asks. Nothing but `redacted` gets so far, though nobody could read it."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:  # noqa: ARG002 - nothing lies further in
        call = UpstreamCall(surface=exchange.surface, body=exchange.redacted or {}, stream=exchange.stream)
        return await self._upstream.send(call)
