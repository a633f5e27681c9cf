"""What the explorer shares with the gateway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.audit.log import AuditLog
from gateway.explorer.prices.price_list import PriceList, load_prices
from gateway.identity.key_store import KeyStore
from gateway.identity.people import Person
from gateway.identity.pepper import Pepper
from gateway.keys.keyring import Keyring
from gateway.policy.source import PolicySource
from gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorerParts:
    """`person` says who holds a credential; `break_glass_minutes` is how long leave to see originals lasts; `prices` are those
    that spending is compared with.
    """

    person: Callable[[str | None], Awaitable[Person]]
    keys: KeyStore
    pepper: Pepper = field(repr=False)
    policy: PolicySource
    log: AuditLog
    database: Database
    keyring: Keyring
    prices: PriceList = field(default_factory=load_prices)
    break_glass_minutes: int = 30
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
