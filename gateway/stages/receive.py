"""Read and parse the body, inside the record: a request that cannot be read is on record as well."""

from __future__ import annotations

from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.facts import facts_of
from gateway.protocol.request import parse_request


class Receive:
    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        body = await exchange.intake()
        request = parse_request(body, exchange.surface)
        facts = facts_of(request, exchange.surface, exchange.stated, size=len(body))
        return await proceed(exchange.learn(request=request, facts=facts, stream=facts.stream))
