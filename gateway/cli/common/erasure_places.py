"""Where a command erases beside the database. What gateways hold in memory they erase themselves, as they see it there."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from gateway.assurance.places import Erasable
from gateway.audit.tenant_keys import TenantKeys
from gateway.caching.answers import Answers
from gateway.caching.redis_store import RedisStore
from gateway.identity.pepper import load_pepper
from gateway.keys.keyring import Keyring
from gateway.settings import Settings
from gateway.shared.place import redis_place


@asynccontextmanager
async def places(settings: Settings, keyring: Keyring) -> AsyncIterator[Sequence[Erasable]]:
    """The answers on Redis, if there is one. Raises ProtectionUnavailable."""
    async with cached_answers(settings, keyring) as answers:
        yield () if answers is None else (answers,)


@asynccontextmanager
async def cached_answers(settings: Settings, keyring: Keyring) -> AsyncIterator[Answers | None]:
    """Those on Redis; None where there is none. Raises ProtectionUnavailable."""
    place = redis_place(settings)
    if place is None:
        yield None
        return
    pepper = load_pepper(settings.secret_path, os.environ)
    store = RedisStore(place, pepper.key_for("cache"))
    answers = Answers(store, TenantKeys(keyring.tenant))
    try:
        yield answers
    finally:
        await answers.close()
