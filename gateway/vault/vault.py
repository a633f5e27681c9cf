"""The vault: one database round trip gives an exchange its placeholders, two where it brings new values.

It is asked beside the event loop, in threads of its own, and within a time: a vault that does not answer refuses the exchange.
Nothing of it is held in memory between exchanges, so an erasure has nothing to reach there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from time import monotonic, sleep
from typing import TypeVar

from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import AuditUnavailable, ProtectionUnavailable
from gateway.keys.data_key import TenantKey
from gateway.redaction.placeholders import Key
from gateway.store.database import Database
from gateway.vault import items as item_rows
from gateway.vault.drawer import Drawer, answer_tag, item_tag, tag_of
from gateway.vault.found import Found, Placed, Typed, Wanted, placed
from gateway.vault.items import Item
from gateway.vault.lookup import drawer_of_answer, look_up, recall, subjects_of
from gateway.vault.minting import bind_answer, lock, mint, refresh
from gateway.vault.moments import Moments, moments
from gateway.vault.named import named

_Result = TypeVar("_Result")
_THREADS = 8
_BUDGET_S = 3.0
"""A little more than a writer waits for another one's lock."""
_TRIES = 5
_LARGE = 50_000
"""Characters from which on texts are looked through beside the event loop."""
PORTION = 250
"""Values that are written in one transaction, which takes some tens of milliseconds."""
_LONGEST_PAUSE_S = 0.2


class Vault:
    """Every method raises ProtectionUnavailable, also when its time is over."""

    def __init__(
        self,
        database: Database,
        keys: TenantKeys,
        *,
        budget_s: float = _BUDGET_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._keys = keys
        self._budget_s = budget_s
        self._clock = clock
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="vault")

    async def key(self, tenant: str) -> TenantKey:
        """The key on which the tenant's drawers hang; KeyDestroyed for a tenant that was erased."""
        return await self._in_time(self._keys.of(tenant))

    async def place(self, drawer: Drawer, values: Sequence[tuple[str, str]], typed: Typed, ttl_s: int) -> Placed:
        """A placeholder of this drawer for each value (given with its type): the one that it had, or a new one, durably.

        `typed` tells, in a thread, which placeholders of some types the client typed itself: no value gets one of these.
        """
        owner = await self.key(drawer.tenant)
        return await self._within(partial(self._place, drawer, owner, values, typed, moments(self._clock(), ttl_s)))

    async def recall(self, drawer: Drawer, keys: Collection[Key]) -> Mapping[Key, str]:
        """What these placeholders stand for in this drawer. Those that it does not have, or no longer, are left out."""
        owner = await self.key(drawer.tenant)
        return await self._within(partial(self._recall, drawer, owner, keys))

    async def whom(self, drawer: Drawer, placed: Placed, texts: Sequence[str]) -> frozenset[bytes]:
        """The tags of those whom texts name by placeholders of this drawer, other than the exchange's own."""
        if sum(map(len, texts)) < _LARGE:
            keys = named(texts, placed)
        else:
            keys = await self._within(partial(named, texts, placed))
        return await self._within(partial(self._whom, drawer, keys)) if keys else frozenset()

    async def drawer_of_answer(self, tenant: str, principal: str, answer_id: str) -> Drawer | None:
        """Where the conversation of an answer, which this principal got, has its placeholders."""
        tag = answer_tag(await self.key(tenant), principal, answer_id)
        return await self._within(partial(self._drawer_of_answer, tenant, tag))

    async def bind_answer(self, drawer: Drawer, principal: str, answer_id: str, ttl_s: int) -> None:
        """Note, durably, that an answer belongs to the conversation of this drawer."""
        tag = answer_tag(await self.key(drawer.tenant), principal, answer_id)
        await self._within(partial(self._bind_answer, drawer, tag, moments(self._clock(), ttl_s)))

    async def keep_items(self, tenant: str, principal: str, items: Mapping[str, Item], ttl_s: int) -> None:
        """Keep, durably, items of an answer that this principal was given, by their ids."""
        owner = await self.key(tenant)
        tagged = {item_tag(owner, principal, item_id): item for item_id, item in items.items()}
        await self._within(partial(self._keep_items, owner, tagged, moments(self._clock(), ttl_s)))

    async def items(self, tenant: str, principal: str, ids: Collection[str], *, most_bytes: int) -> Mapping[str, bytes] | None:
        """The JSON of items that this principal was given. Those that are not kept, or no longer, are left out; None, and none
        is opened, where they are larger together than `most_bytes`.
        """
        owner = await self.key(tenant)
        tags = {item_id: item_tag(owner, principal, item_id) for item_id in ids}
        found = await self._within(partial(self._items, owner, tags.values(), most_bytes))
        return None if found is None else {item_id: found[tag] for item_id, tag in tags.items() if tag in found}

    def close(self) -> None:
        """Waits for nobody: what was asked for and not begun is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _within(self, work: Callable[[], _Result]) -> _Result:
        try:
            return await self._in_time(asyncio.get_running_loop().run_in_executor(self._threads, work))
        except AuditUnavailable:
            raise ProtectionUnavailable("The vault's database cannot be used.") from None

    async def _in_time(self, asked: Awaitable[_Result]) -> _Result:
        try:
            return await asyncio.wait_for(asked, self._budget_s)
        except TimeoutError:
            raise ProtectionUnavailable("The vault does not answer in time.") from None

    def _place(
        self, drawer: Drawer, owner: TenantKey, values: Sequence[tuple[str, str]], typed: Typed, when: Moments
    ) -> Placed:
        wanted = [Wanted(entity, value, tag_of(owner, drawer, value), owner.tag(value)) for entity, value in values]
        tags = [one.tag for one in wanted]
        with self._database.reading() as connection:
            found = look_up(connection, drawer, tags)
        for _ in range(_TRIES):
            literals = typed({*found.highest, *(one.entity for one in wanted)})
            wanting = found.wanting(wanted, literals, when.half)
            if not wanting:
                return placed(found, wanted, literals)
            for portion in self._portions(wanting):
                found = found.updated(self._written(drawer, owner, portion, literals, when))
        raise ProtectionUnavailable("The vault is too busy to give out placeholders.")

    def _portions(self, wanting: Sequence[Wanted]) -> Iterator[Sequence[Wanted]]:
        """A long list is written bit by bit, and for as long as each took, others may write: the record lies in the same
        database. Where that ends half-way, some values have their placeholders already, as if an exchange had failed later.
        """
        end = monotonic() + self._budget_s
        for at in range(0, len(wanting), PORTION):
            began = monotonic()
            if began > end:
                raise ProtectionUnavailable("The vault does not answer in time.")
            yield wanting[at : at + PORTION]
            if at + PORTION < len(wanting):
                sleep(min(monotonic() - began, _LONGEST_PAUSE_S))

    def _written(
        self, drawer: Drawer, owner: TenantKey, wanting: Sequence[Wanted], literals: frozenset[Key], when: Moments
    ) -> Found:
        """What the drawer holds of these after everything that was missing was brought, by us or by somebody else."""
        tags = [one.tag for one in wanting]
        with self._database.writing() as connection:
            lock(connection, drawer)
            found = look_up(connection, drawer, tags)
            mint(connection, drawer, owner, found.missing(wanting, literals), literals, when)
            refresh(connection, drawer, tags, when)
            return look_up(connection, drawer, tags)

    def _recall(self, drawer: Drawer, owner: TenantKey, keys: Collection[Key]) -> Mapping[Key, str]:
        with self._database.reading() as connection:
            return recall(connection, drawer, owner, keys, moments(self._clock(), 0).now)

    def _whom(self, drawer: Drawer, keys: Collection[Key]) -> frozenset[bytes]:
        with self._database.reading() as connection:
            return subjects_of(connection, drawer, keys)

    def _drawer_of_answer(self, tenant: str, tag: bytes) -> Drawer | None:
        with self._database.reading() as connection:
            return drawer_of_answer(connection, tenant, tag, moments(self._clock(), 0).now)

    def _bind_answer(self, drawer: Drawer, tag: bytes, when: Moments) -> None:
        with self._database.writing() as connection:
            bind_answer(connection, drawer, tag, when)

    def _keep_items(self, owner: TenantKey, items: Mapping[bytes, Item], when: Moments) -> None:
        with self._database.writing() as connection:
            item_rows.keep(connection, owner, items, when)

    def _items(self, owner: TenantKey, tags: Collection[bytes], most_bytes: int) -> Mapping[bytes, bytes] | None:
        now = moments(self._clock(), 0).now
        with self._database.reading() as connection:
            if item_rows.size(connection, owner, tags, now) > most_bytes:
                return None
            return item_rows.read(connection, owner, tags, now)
