"""Tenants' keys and data keys as they lie in the database: made once, opened through the master key, and held for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from gateway.errors import KeyDestroyed, TenantKeyUnusable, Unreadable
from gateway.keys.data_key import DataKey, TenantKey
from gateway.keys.envelope import new_key
from gateway.keys.master import MasterKey
from gateway.keys.rows import insert_once, tenant_context, wait_for_others
from gateway.moments import utc_now
from gateway.printable import printable
from gateway.store.database import Database
from gateway.store.tables.content import DATA_KEYS, TENANT_KEYS

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    key: TenantKey = field(repr=False)
    until: float


class Keyring:
    """Usable from several threads. A tenant's key is held open for `hold_s` seconds, so that the master key is asked seldom,
    and a tenant that another process erased is noticed within that time. Data keys are not held.
    """

    def __init__(
        self, database: Database, master: MasterKey, *, hold_s: float = 300.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._master = master
        self._hold_s = hold_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._unusable: set[str] = set()

    @property
    def unusable(self) -> int:
        """How many tenants' keys did not open when they were last asked for: it is no matter of waiting."""
        return len(self._unusable)

    def tenant(self, tenant: str) -> TenantKey:
        """The tenant's key, made durably at its first use. Raises ProtectionUnavailable, TenantKeyUnusable where it does not
        open with the master key, and KeyDestroyed once it is erased.
        """
        key = self._at_hand(tenant)
        if key is not None:
            return key
        with self._lock:
            key = self._at_hand(tenant)  # whoever had the lock before may have opened it
            if key is None:
                key = self._opened(tenant)
                self._held[tenant] = _Held(key, self._monotonic() + self._hold_s)
            return key

    def knows(self, tenant: str) -> bool:
        """Whether this tenant ever had a key. Makes none. Raises ProtectionUnavailable."""
        with self._database.reading() as connection:
            return connection.execute(select(TENANT_KEYS.c.tenant).where(TENANT_KEYS.c.tenant == tenant)).first() is not None

    def data_key(self, key_id: str) -> DataKey:
        """A data key that was kept. Raises ProtectionUnavailable; KeyDestroyed for one that was erased or never was."""
        with self._database.reading() as connection:
            row = connection.execute(select(DATA_KEYS.c.tenant, DATA_KEYS.c.wrapped).where(DATA_KEYS.c.id == key_id)).first()
        if row is None or row.wrapped is None:
            raise KeyDestroyed("The key of this content was destroyed: it is erased.")
        return self.tenant(row.tenant).data_key(key_id, row.wrapped)

    def forget(self, tenant: str) -> None:
        """Let go of a tenant's key in this process, at once."""
        with self._lock:
            self._held.pop(tenant, None)

    def _at_hand(self, tenant: str) -> TenantKey | None:
        held = self._held.get(tenant)
        return held.key if held is not None and self._monotonic() < held.until else None

    def _opened(self, tenant: str) -> TenantKey:
        wrapped = self._find(tenant)
        while wrapped is None:
            self._make(tenant)
            wrapped = self._find(tenant)
        return TenantKey(tenant, self._unwrapped(tenant, wrapped))

    def _unwrapped(self, tenant: str, wrapped: bytes) -> bytes:
        try:
            plain = self._master.unwrap(wrapped, tenant_context(tenant))
        except TenantKeyUnusable as error:
            self._note_unusable(tenant, error.message)
            raise
        except Unreadable as error:
            self._note_unusable(tenant, error.message)
            raise TenantKeyUnusable("A tenant's key does not open with the master key: one of them was changed.") from None
        self._unusable.discard(tenant)
        return plain

    def _note_unusable(self, tenant: str, why: str) -> None:
        """One line for each tenant, until its key opens again."""
        if tenant not in self._unusable:
            _log.error("the key of tenant %s cannot be used: %s", printable(tenant), why)
        self._unusable.add(tenant)

    def _find(self, tenant: str) -> bytes | None:
        with self._database.reading() as connection:
            row = connection.execute(select(TENANT_KEYS.c.wrapped).where(TENANT_KEYS.c.tenant == tenant)).first()
        if row is None:
            return None
        if row.wrapped is None:
            self._unusable.discard(tenant)
            raise KeyDestroyed("This tenant was erased.")
        return bytes(row.wrapped)

    def _make(self, tenant: str) -> None:
        """Of several processes one comes first, and its key stays. The master key may be replaced meanwhile: then again."""
        wrapped = self._master.wrap(new_key(), tenant_context(tenant))
        with self._database.writing() as connection:
            wait_for_others(connection)
            if self._master.holds(wrapped):
                _insert(connection, tenant, wrapped)


def _insert(connection: Connection, tenant: str, wrapped: bytes) -> None:
    insert_once(connection, TENANT_KEYS, {"tenant": tenant, "wrapped": wrapped, "made_at": utc_now()})
