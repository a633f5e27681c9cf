"""One issuer's keys, kept at hand: fetched beside the requests, fetched again before they are old, refused when too old."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gateway.errors import ProtectionUnavailable, Unauthenticated
from gateway.identity.key_set import KeySet, PublicKey

logger = logging.getLogger(__name__)

REFRESH_S = 300.0
"""Age at which keys are fetched again, while requests go on with those at hand."""
PAUSE_S = 30.0
"""Least time between two fetches, however many tokens name keys that are not there."""
STALE_S = 3_600.0
"""Age at which keys are used no more: the issuer is down for so long that a withdrawn key could not be noticed."""
_FIRST_PAUSE_S = 5.0
"""Least time between two fetches while there are no keys at all."""
_RETRY_S = 5
_WAIT_S = 3.0
"""How long a request waits for a fetch that may bring the key it needs."""

Fetch = Callable[[], Awaitable[KeySet]]


class KeySource:
    """Used from one event loop. `name` is the issuer's id in the policy, for log lines."""

    def __init__(self, fetch: Fetch, *, name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._name = name
        self._monotonic = monotonic
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._started: float | None = None
        self._failed = False
        self._task: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> PublicKey:
        """The key of a token. A key at hand costs a look-up.

        Raises Unauthenticated when the issuer has no such key, ProtectionUnavailable when that cannot be told.
        """
        if self._age() >= REFRESH_S:
            self._refresh()
        found = self._at_hand(kid, algorithm)
        if found is None:
            self._refresh()
            await self._fetching()
            found = self._at_hand(kid, algorithm)
        if found is None:
            raise self._why_none()
        return found

    async def close(self) -> None:
        """End a fetch that still runs."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _at_hand(self, kid: str | None, algorithm: str) -> PublicKey | None:
        if self._keys is None or self._age() >= STALE_S:
            return None
        return self._keys.find(kid, algorithm)

    def _why_none(self) -> Unauthenticated | ProtectionUnavailable:
        if self._keys is None or self._age() >= STALE_S or self._failed or self._task:
            return ProtectionUnavailable("The keys of the token's issuer cannot be had at the moment.", retry_after=_RETRY_S)
        return Unauthenticated("The token was not signed with a key of its issuer.")

    def _age(self) -> float:
        return float("inf") if self._keys is None else self._monotonic() - self._fetched

    def _refresh(self) -> None:
        """Begin a fetch, unless one runs or the last one began a short time ago."""
        now = self._monotonic()
        pause = PAUSE_S if self._keys else _FIRST_PAUSE_S
        if self._task or (self._started is not None and now - self._started < pause):
            return
        self._started = now
        self._task = asyncio.create_task(self._load())

    async def _fetching(self) -> None:
        """A request that is cancelled here leaves the fetch alone: others wait for it too."""
        if self._task:
            await asyncio.wait({self._task}, timeout=_WAIT_S)

    async def _load(self) -> None:
        began = self._monotonic()
        try:
            self._keys = await self._fetch()
        except Exception as error:  # noqa: BLE001  whatever it is, the keys at hand stay, and the next fetch may succeed
            self._failed = True
            logger.error("the keys of issuer %s could not be fetched (%s)", self._name, type(error).__name__)
        else:
            self._failed, self._fetched = False, began
        finally:
            self._task = None
