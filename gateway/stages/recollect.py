"""Items of earlier answers that a request names, put in their places; and those of this answer, kept to be named later.

It stands outside of everything that reads what is said: what lies further in sees items as if they had been sent, and kept is
what the client gets. Where policy keeps no answers a request that names some is refused.
"""

from __future__ import annotations

from gateway.exchange import Exchange, Reply
from gateway.pipeline import Proceed
from gateway.protocol.items import references
from gateway.protocol.request import refuse_references
from gateway.protocol.wire import Surface
from gateway.vault.answered import Answers


class Recollect:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.request is None:
            raise LookupError("recollect runs after receive")
        named = references(exchange.request) if exchange.surface is Surface.RESPONSES else {}
        if named and not exchange.obligations.store_s:
            refuse_references(exchange.request, exchange.surface)
        if named:
            exchange = await self._answers.whole(exchange, exchange.request, named)
        return self._answers.kept(exchange, await proceed(exchange))
