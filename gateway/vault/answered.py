"""Keeps items of answers for the caller who got them, and puts them where a later request names them by their ids.

An item is kept as its caller got it, so a request that names it is from then on one that sends it along: it is looked through
and redacted under the rules that hold then. Only the principal who was given an answer can name its items.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

import orjson

from gateway.errors import GatewayError, InvalidRequest, ItemNotFound, PayloadTooLarge
from gateway.exchange import Body, Exchange, Principal, Reply, Storing
from gateway.protocol.items import Answered, is_last, with_items
from gateway.protocol.text_slots import TextSlot, read_slots
from gateway.protocol.wire import ContentKind, JsonObject, Surface
from gateway.redaction.passages import Passage, passages
from gateway.redaction.redactor import Inspection, Redactor
from gateway.vault.items import Item
from gateway.vault.vault import Vault

_log = logging.getLogger(__name__)

_MOST_BYTES, _MOST_ITEMS, _MOST_VALUES = 1024 * 1024, 250, 5_000
"""Of one answer. It is kept in one transaction, and meanwhile nobody else writes into SQLite, the record neither."""
_MOST_COMPARED = 2_000_000_000
"""Values of the question times bytes of the answer, in which each is looked for: a quarter of a second."""
_MOST_NAMED = 2_000
_INPUT = "input"


class Answers:
    """`max_bytes`: what a request may have with all that it names, as if it had been sent."""

    def __init__(self, vault: Vault, redactor: Redactor, *, max_bytes: int) -> None:
        self._vault = vault
        self._redactor = redactor
        self._max_bytes = max_bytes

    async def whole(self, exchange: Exchange, request: JsonObject, named: Mapping[int, str]) -> Exchange:
        """The exchange about the request with the items that are `named` in it, by their places.

        Raises ItemNotFound, PayloadTooLarge, InvalidRequest and ProtectionUnavailable.
        """
        who, ids = _caller(exchange), frozenset(named.values())
        if len(ids) > _MOST_NAMED:
            raise InvalidRequest(f"A request can name {_MOST_NAMED} items at most. Send some of them whole.", param=_INPUT)
        facts = exchange.facts
        if facts is None:
            raise LookupError("items are named in what was received")
        room = self._max_bytes - facts.bytes
        found = await self._vault.items(who.tenant, who.id, ids, most_bytes=room)
        if found is None:
            raise self._too_large()
        for at, named_id in named.items():
            if named_id not in found:
                raise _not_found(at)
        size = sum(len(found[named_id]) for named_id in named.values())
        if size > room:
            raise self._too_large()
        items = {at: orjson.loads(found[named_id]) for at, named_id in named.items()}
        return exchange.learn(request=with_items(request, items), facts=replace(facts, named_bytes=size))

    def _too_large(self) -> PayloadTooLarge:
        message = f"With the items that it names the body is larger than {self._max_bytes} bytes."
        return PayloadTooLarge(message, param=_INPUT)

    def kept(self, exchange: Exchange, reply: Reply) -> Reply:
        """The reply as it is, as the client gets it. Its items are kept before the client knows that it is whole."""
        asked = (exchange.request or {}).get("store") is not False
        storing = reply.storing
        if exchange.surface is not Surface.RESPONSES or storing is None or not asked or reply.status >= 400:
            return reply
        return reply.through(partial(self._followed, _caller(exchange), storing))

    async def _followed(self, who: Principal, storing: Storing, body: Body) -> Body:
        answered = Answered()
        async with aclosing(body) as events:
            async for event in events:
                answered.see(event)
                if is_last(event):
                    await self._keep(who, storing, answered.items())
                yield event

    async def _keep(self, who: Principal, storing: Storing, items: Mapping[str, JsonObject]) -> None:
        """The client has its answer, so nothing fails here: who names an item that is not kept is told so then."""
        plain, restored = {named: orjson.dumps(item) for named, item in items.items()}, storing.restored()
        size = sum(map(len, plain.values()))
        if not plain or len(plain) > _MOST_ITEMS or size > _MOST_BYTES or size * len(restored) > _MOST_COMPARED:
            return
        own = replace(storing.obligations, uninspected=frozenset(ContentKind), sought=frozenset())
        try:
            inspection = await self._redactor.inspect({_INPUT: list(items.values())}, own)
            values = await asyncio.to_thread(_values, inspection, len(items), restored)
            if sum(map(len, values)) > _MOST_VALUES:
                return
            kept = {named: Item(plain[named], values[at]) for at, named in enumerate(items)}
            await self._vault.keep_items(who.tenant, who.id, kept, own.store_s)
        except GatewayError as error:
            _log.warning("items of an answer are not kept: %s", error.code)


def _values(inspection: Inspection, count: int, restored: Collection[str]) -> list[frozenset[str]]:
    """What was found, by item, and what was put back there: a question may tell what a number is, and its answer not. Where
    policy keeps everything nothing was looked for, and an earlier turn's values may be put back all the same.
    """
    found: list[set[str]] = [set() for _ in range(count)]
    texts: list[list[str]] = [[] for _ in range(count)]
    for passage, judged in zip(inspection.passages, inspection.judged, strict=True):
        found[_item(passage, inspection.slots)].update(passage.text[one.finding.start : one.finding.end] for one in judged)
    slots = inspection.slots or read_slots(inspection.body)
    for passage in inspection.passages or passages(slots):
        texts[_item(passage, slots)].append(passage.text)
    for own, said in zip(found, map("\n".join, texts), strict=True):
        own.update(value for value in restored if value in said)
    return list(map(frozenset, found))


def _item(passage: Passage, slots: Sequence[TextSlot]) -> int:
    """Which item a text is of; the list is all that there is."""
    return int(slots[passage.slot].path[1])


def _not_found(at: int) -> ItemNotFound:
    return ItemNotFound(
        "The gateway keeps no item of an answer to this caller by this id, or no longer. Where `store` is false, none are. "
        "Send it whole.",
        param=f"{_INPUT}.{at}",
    )


def _caller(exchange: Exchange) -> Principal:
    if exchange.principal is None:
        raise LookupError("items belong to a caller: authenticate comes first")
    return exchange.principal
