"""Gives an exchange the placeholders of the scope that policy sets: which drawer is its own, and what of it the reply may name.

A conversation is what the client states (gateway.protocol.conversation), of one principal: whoever else states the same id
has another drawer. An exchange that states none has the scope of a request, which is the strictest; but in `responses` the
answer's id leads the next turn to the same drawer. Only the principal who was given an answer may go on from it, in the scope
in which it was given: a backend does not know whose answers are whose.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from gateway.exchange import Body, Exchange, Principal
from gateway.keys.data_key import TenantKey
from gateway.obligations import OperatorKind, PseudonymScope
from gateway.protocol.conversation import Asker, stated_conversation
from gateway.protocol.request import StatefulRequest, previous_response
from gateway.protocol.wire import JsonObject, Surface
from gateway.redaction.operators import REVERSIBLE, Pseudonyms
from gateway.redaction.placeholders import Key, PlaceholderMint
from gateway.redaction.recall import Recall
from gateway.redaction.recorded import Whom
from gateway.redaction.redactor import Inspection
from gateway.redaction.refusals import refuse_blocked
from gateway.vault.drawer import Drawer, drawer_of, new_drawer
from gateway.vault.found import Placed
from gateway.vault.moments import LASTING_S
from gateway.vault.vault import Vault

_PURPOSE = "vault-conversations"
_MAY_COME_BACK = REVERSIBLE | {OperatorKind.KEEP}

Nameable = Callable[[Exchange, TenantKey, Mapping[Key, str]], Awaitable[Mapping[Key, str]]]
"""Those of some values that an answer may name in an exchange that did not hold them."""

Noticed = Callable[[Exchange, TenantKey, Inspection], Awaitable[Collection[str]]]
"""Those of its values that stood in documents, and that nobody said: they last as long as documents hold them."""

Bind = Callable[[str], Awaitable[None]]
"""Notes that the answer with this id belongs to the exchange's conversation."""


@dataclass(frozen=True, slots=True)
class Held:
    """What an exchange has of the vault. `whom` tells whom texts name by placeholders of earlier exchanges; `bind` is there
    where the backend keeps the answer, and a turn may go on from it.
    """

    pseudonyms: Pseudonyms = field(repr=False)
    whom: Whom = field(repr=False)
    bind: Bind | None = field(default=None, repr=False)

    async def followed(self, body: Body) -> Body:
        """The reply as it is. Its id is noted before the client learns it. Raises ProtectionUnavailable."""
        bind = self.bind
        async with aclosing(body) as events:
            async for event in events:
                if bind is not None and (answer_id := _answer_id(event)) is not None:
                    await bind(answer_id)
                    bind = None
                yield event


class Desk:
    """`nameable` leaves out what a caller may not have named in the tenant's scope, which others' documents share; `noticed` is
    told what of that an exchange brings.
    """

    def __init__(self, vault: Vault, nameable: Nameable | None = None, noticed: Noticed | None = None) -> None:
        self._vault = vault
        self._nameable = nameable
        self._noticed = noticed

    async def held(self, exchange: Exchange, inspection: Inspection) -> Held | None:
        """For an exchange in a wider scope; None where it has that of a request all the same.

        Raises EntityBlocked, StatefulRequest and ProtectionUnavailable.
        """
        own = exchange.obligations
        refuse_blocked(inspection.judged)  # before anything of this request is stored
        drawer = await self._drawer(exchange)
        if drawer is None:
            return None
        values = [(entity, value) for value, entity in inspection.to_place.items()]
        # Where nothing is restored, clients send placeholders back as they got them: there they are what they look like.
        typed = inspection.typed if own.restore else _nothing_typed
        if of_documents := await self._of_documents(exchange, inspection):
            await self._vault.place(drawer, [one for one in values if one[1] in of_documents], typed, LASTING_S)
        placed = await self._vault.place(drawer, values, typed, own.pseudonyms.ttl_s)
        whom = partial(self._vault.whom, drawer, placed)
        return Held(self._pseudonyms(exchange, drawer, placed), whom, self._bind(exchange, drawer))

    async def _of_documents(self, exchange: Exchange, inspection: Inspection) -> Collection[str]:
        if self._noticed is None or exchange.obligations.pseudonyms.scope is not PseudonymScope.TENANT:
            return ()
        return await self._noticed(exchange, await self._vault.key(_caller(exchange).tenant), inspection)

    def _pseudonyms(self, exchange: Exchange, drawer: Drawer, placed: Placed) -> Pseudonyms:
        mint = PlaceholderMint.holding(placed.literals, placed.keys, placed.highest)
        if not exchange.obligations.restore:
            return Pseudonyms(mint)
        # Others, or earlier turns, may have brought under a weaker operator what policy lets this exchange not have back.
        rules = exchange.obligations.request
        open_to = {entity: last for entity, last in placed.highest.items() if rules.operator(entity) in _MAY_COME_BACK}
        return Pseudonyms(mint, recall=Recall(open_to, placed.literals, partial(self._fetched, exchange, drawer)))

    async def _fetched(self, exchange: Exchange, drawer: Drawer, keys: Collection[Key]) -> Mapping[Key, str]:
        values = await self._vault.recall(drawer, keys)
        if self._nameable is None or exchange.obligations.pseudonyms.scope is not PseudonymScope.TENANT:
            return values
        return await self._nameable(exchange, await self._vault.key(drawer.tenant), values)

    def _bind(self, exchange: Exchange, drawer: Drawer) -> Bind | None:
        if exchange.surface is not Surface.RESPONSES or not _is_remembered(exchange):
            return None
        who, ttl_s = _caller(exchange), exchange.obligations.pseudonyms.ttl_s
        return lambda answer_id: self._vault.bind_answer(drawer, who.id, answer_id, ttl_s)

    async def _drawer(self, exchange: Exchange) -> Drawer | None:
        who, request = _caller(exchange), exchange.request or {}
        key = await self._vault.key(who.tenant)
        own = _own_drawer(exchange, who, key)
        previous = previous_response(request, exchange.surface)
        if previous is None:
            return own or _unnamed(exchange, who.tenant)
        known = await self._vault.drawer_of_answer(who.tenant, who.id, previous)
        if known is None or not _goes_on(known, own, who, key):
            raise StatefulRequest(
                "The gateway knows no answer of this conversation by this id, or no longer: what stands for personal data in "
                "it could not be put back. Send the conversation in 'input'.",
                param="previous_response_id",
            )
        return known


def _own_drawer(exchange: Exchange, who: Principal, key: TenantKey) -> Drawer | None:
    """By scope; None for a conversation that is not stated."""
    match exchange.obligations.pseudonyms.scope:
        case PseudonymScope.TENANT:
            return _of_tenant(key)
        case PseudonymScope.PRINCIPAL:
            return _of_principal(key, who)
    asker = Asker(key.sub_key(_PURPOSE), who.id, exchange.model or "")
    stated = stated_conversation(exchange.request or {}, exchange.stated.conversation, asker)
    return None if stated is None else drawer_of(key, "conversation", who.id, stated)


def _unnamed(exchange: Exchange, tenant: str) -> Drawer | None:
    """Of a conversation that its answers lead to, where the backend keeps them."""
    led = exchange.surface is Surface.RESPONSES and _is_remembered(exchange)
    return new_drawer(tenant) if led else None


def _goes_on(known: Drawer, own: Drawer | None, who: Principal, key: TenantKey) -> bool:
    """Whether an answer was given in the scope that holds now; policy may have been wider then."""
    return known == own if own is not None else known not in (_of_tenant(key), _of_principal(key, who))


def _of_tenant(key: TenantKey) -> Drawer:
    return drawer_of(key, "tenant")


def _of_principal(key: TenantKey, who: Principal) -> Drawer:
    return drawer_of(key, "principal", who.id)


def _caller(exchange: Exchange) -> Principal:
    if exchange.principal is None:
        raise LookupError("the vault is asked after authenticate")
    return exchange.principal


def _is_remembered(exchange: Exchange) -> bool:
    """Whether the backend is to keep this answer: what nobody declined."""
    return (exchange.request or {}).get("store") is not False


def _nothing_typed(_: object) -> frozenset[tuple[str, int]]:
    return frozenset()


def _answer_id(event: JsonObject) -> str | None:
    """Of a plain answer, or of the first event of a stream that names it."""
    answer = event.get("response") if isinstance(event.get("response"), dict) else event
    found = answer.get("id") if isinstance(answer, dict) and answer.get("object") == "response" else None
    return found if isinstance(found, str) else None
