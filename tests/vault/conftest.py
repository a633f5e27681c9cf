"""Gateways that share one database, each with a vault of its own."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, func, select

from gateway.audit.tenant_keys import TenantKeys
from gateway.keys.key_source import GivenKeys
from gateway.keys.keyring import Keyring
from gateway.keys.local import LocalMaster
from gateway.redaction.placeholders import Key
from gateway.store.database import Database, open_database
from gateway.vault.drawer import Drawer, drawer_of
from gateway.vault.found import Placed
from gateway.vault.vault import Vault
from tests.store.databases import database, database_url, postgres, sqlite

__all__ = ["database", "database_url", "postgres", "sqlite"]

MONTH = 30 * 86_400
MASTER = base64.b64encode(b"m" * 32).decode()


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Gateway:
    """One process: its own connections, its own open keys."""

    database: Database
    keyring: Keyring
    vault: Vault

    def drawer(self, *name: str, tenant: str = "bank") -> Drawer:
        return drawer_of(self.keyring.tenant(tenant), *name)

    async def place(
        self, drawer: Drawer, *values: str, entity: str = "PERSON", typed: Collection[Key] = (), ttl_s: int = MONTH
    ) -> Placed:
        return await self.vault.place(drawer, [(entity, one) for one in values], lambda _: frozenset(typed), ttl_s)

    def rows(self, table: Table) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(database_url: str, clock: Clock) -> Iterator[Callable[[], Gateway]]:
    """Starts one more gateway on the database."""
    with ExitStack() as ends:

        def another() -> Gateway:
            opened = ends.enter_context(closing(open_database(database_url)))
            keyring = Keyring(opened, LocalMaster(GivenKeys(MASTER, "The test")))
            vault = ends.enter_context(closing(Vault(opened, TenantKeys(keyring.tenant), clock=clock, budget_s=20.0)))
            return Gateway(opened, keyring, vault)

        yield another


@pytest.fixture
def gateway(start: Callable[[], Gateway]) -> Gateway:
    return start()
