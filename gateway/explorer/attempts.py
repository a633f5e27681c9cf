"""How often somebody may fail to log in. Keys cannot be guessed; but every failure is entered in the record, which must not be
filled from outside.
"""

from __future__ import annotations

from throttled.asyncio import RateLimiterType, Throttled, per_min
from throttled.asyncio.store import MemoryStore

from gateway.errors import RateLimited

_PER_MINUTE = 20
_MOST_ADDRESSES = 10_000


class Attempts:
    """Counts failures by the address that the connection comes from."""

    def __init__(self, per_minute: int = _PER_MINUTE) -> None:
        self._limiter = Throttled(
            using=RateLimiterType.GCRA.value,
            quota=per_min(per_minute, burst=per_minute),
            store=MemoryStore(options={"MAX_SIZE": _MOST_ADDRESSES}),
        )

    async def require_some_left(self, address: str) -> None:
        """Raises RateLimited, with the seconds to wait."""
        state = await self._limiter.peek(address)
        if state.remaining < 1:
            raise RateLimited("Too many failed attempts to log in.", retry_after=max(1, round(state.retry_after) or 3))

    async def failed(self, address: str) -> None:
        await self._limiter.limit(address)
