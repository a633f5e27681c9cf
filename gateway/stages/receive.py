"""Read and parse the body, inside the record: a request that cannot be read is on record as well."""

from __future__ import annotations

from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.request import parse_request


class Receive:
    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        request = parse_request(await exchange.intake(), exchange.surface)
        return await proceed(exchange.learn(request=request, stream=bool(request.get("stream"))))
