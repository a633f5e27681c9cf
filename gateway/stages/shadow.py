"""Some requests go to a second deployment as well, which is compared with the first and answers nobody.

It stands around `route` and inside of `redact`: a copy is what the model got, placeholders and all. What the cache answers has
no copy, and neither has what would have the backend act: nobody is to act twice for a comparison.
"""

from __future__ import annotations

import random

from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.tools import backend_acts
from gateway.routing.cache_salt import cache_salt
from gateway.routing.choice import drawn
from gateway.routing.prefix import affinity_key
from gateway.routing.shadow import Shadows


class Shadow:
    """The stage. `secret` keys what is known of a request's beginning, and the tenants' salts."""

    def __init__(self, shadows: Shadows, secret: bytes) -> None:
        self._shadows = shadows
        self._secret = secret

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        reply = await proceed(exchange)
        share = exchange.obligations.routing.shadow
        if share is None or reply.status >= 400 or backend_acts(exchange.redacted or {}):
            return reply
        draw = random.random()  # noqa: S311  (which requests are copied is no secret)
        if not drawn(share, affinity_key(exchange, self._secret), draw, b"shadow"):
            return reply
        return self._shadows.follow(exchange, share, reply, cache_salt(exchange, self._secret))
