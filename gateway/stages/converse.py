"""Which conversation an exchange belongs to, noted for the record. It changes nothing, and reads what the client reads.

It stands outside of `guide` and `redact`: the beginning of a chat is compared as the client knows it. Only a keyed hash of it
is kept, or an id that the client states. Where the tenant's key cannot be had, the exchange goes on without one.
"""

from __future__ import annotations

from contextlib import aclosing

from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import ProtectionUnavailable
from gateway.exchange import Body, Exchange, Principal, Reply
from gateway.pipeline import Proceed
from gateway.protocol.conversation import Asker, Beginning, stated_conversation
from gateway.protocol.wire import JsonObject

_PURPOSE = "conversations"


class Converse:
    def __init__(self, keys: TenantKeys) -> None:
        self._keys = keys

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        if exchange.principal is None or exchange.request is None:
            raise LookupError("converse runs after authenticate and receive")
        asker = await self._asker(exchange, exchange.principal)
        if asker is None:
            return await proceed(exchange)
        if known := stated_conversation(exchange.request, exchange.stated.conversation, asker):
            return await proceed(exchange.learn(conversation=known))
        return await _derived(exchange, exchange.request, asker, proceed)

    async def _asker(self, exchange: Exchange, principal: Principal) -> Asker | None:
        try:
            key = await self._keys.of(principal.tenant)
        except ProtectionUnavailable:
            return None
        return Asker(key.sub_key(_PURPOSE), principal.id, exchange.model or "")


async def _derived(exchange: Exchange, request: JsonObject, asker: Asker, proceed: Proceed) -> Reply:
    beginning = Beginning(request, exchange.surface, asker)
    if not beginning.waits_for_answer:
        return await proceed(exchange.learn(conversation=beginning.id))
    reply = await proceed(exchange)
    return reply if reply.status >= 400 else reply.through(lambda body: _followed(body, beginning, exchange))


async def _followed(body: Body, beginning: Beginning, exchange: Exchange) -> Body:
    """The answer as it is. It names the conversation when it has ended."""
    async with aclosing(body) as events:
        async for event in events:
            beginning.see(event)
            yield event
    beginning.end()
    if beginning.id is not None:
        exchange.journal.belongs_to(beginning.id)
