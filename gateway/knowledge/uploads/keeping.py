"""Runs what reads or writes a tenant's uploaded files, in a thread and a transaction of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection

from gateway.audit.tenant_keys import TenantKeys
from gateway.keys.data_key import TenantKey
from gateway.store.database import Database

_T = TypeVar("_T")
Work = Callable[[Connection, TenantKey], _T]


class Keeping:
    """All of it raises ProtectionUnavailable and AuditUnavailable."""

    def __init__(self, database: Database, keys: TenantKeys, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    @property
    def now(self) -> datetime:
        return self._clock()

    async def read(self, tenant: str, work: Work[_T]) -> _T:
        owner = await self._keys.of(tenant)

        def within() -> _T:
            with self._database.reading() as connection:
                return work(connection, owner)

        return await asyncio.to_thread(within)

    async def write(self, tenant: str, work: Work[_T]) -> _T:
        owner = await self._keys.of(tenant)

        def within() -> _T:
            with self._database.writing() as connection:
                return work(connection, owner)

        return await asyncio.to_thread(within)
