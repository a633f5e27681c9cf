"""Tenants' keys at hand, for whoever runs on the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.errors import ProtectionUnavailable
from gateway.keys.data_key import TenantKey

_HOLD_S = 10.0
_HOLD_REFUSAL_S = 1.0


@dataclass(frozen=True, slots=True)
class _Held:
    """What was answered: a key, or that there is none."""

    answer: TenantKey | ProtectionUnavailable = field(repr=False)
    until: float

    def key(self) -> TenantKey:
        """Raises a refusal anew each time: an error takes on the headers of the exchange that it ends."""
        if isinstance(self.answer, TenantKey):
            return self.answer
        raise type(self.answer)(self.answer.message)


class TenantKeys:
    """`open_key` (a keyring's `tenant`) may ask a database or a key service, so it is called beside the event loop, by one of
    those who wait for the same tenant. What it gave is held for some seconds, a refusal for one: every exchange asks, and a
    key service that is slow to say no must not be waited for by each of them in turn.
    """

    def __init__(self, open_key: Callable[[str], TenantKey], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._open_key = open_key
        self._monotonic = monotonic
        self._held: dict[str, _Held] = {}
        self._asking: dict[str, asyncio.Task[_Held]] = {}

    async def of(self, tenant: str) -> TenantKey:
        """Raises ProtectionUnavailable, and KeyDestroyed for a tenant that was erased."""
        held = self._held.get(tenant)
        if held is None or self._monotonic() >= held.until:
            held = await self._asked(tenant)
        return held.key()

    def forget(self, tenant: str) -> None:
        """Let go of what was answered, and of what is being answered just now: it may be older. To be called on the loop, after
        `open_key` has forgotten the tenant too.
        """
        self._held.pop(tenant, None)
        self._asking.pop(tenant, None)

    async def _asked(self, tenant: str) -> _Held:
        """Shielded: whoever hangs up takes the answer from nobody else."""
        asking = self._asking.get(tenant)
        if asking is None:
            asking = self._asking[tenant] = asyncio.create_task(self._ask(tenant))
            asking.add_done_callback(lambda asked: self._answered(tenant, asked))
        return await asyncio.shield(asking)

    def _answered(self, tenant: str, asked: asyncio.Task[_Held]) -> None:
        """Not where it was forgotten meanwhile."""
        if self._asking.get(tenant) is asked:
            del self._asking[tenant]

    async def _ask(self, tenant: str) -> _Held:
        try:
            answer: TenantKey | ProtectionUnavailable = await asyncio.to_thread(self._open_key, tenant)
        except ProtectionUnavailable as error:
            answer = error
        hold_s = _HOLD_S if isinstance(answer, TenantKey) else _HOLD_REFUSAL_S
        held = _Held(answer, self._monotonic() + hold_s)
        if self._asking.get(tenant) is asyncio.current_task():
            self._held[tenant] = held
        return held
