"""Counts of what is open at once, in the memory of one process: whoever ends, ends with it."""

from __future__ import annotations

from gateway.limits.keys import Naming
from gateway.limits.limiter import Standing
from gateway.obligations import Limit

RETRY_S = 1.0
"""Nobody knows when an exchange will end; a second is the least that a client can be told."""


def slot_standing(limit: Limit, held: int, *, refused: bool = False) -> Standing:
    return Standing(limit=limit, remaining=max(0, limit.amount - held), retry_s=RETRY_S if refused else None)


class MemorySlots:
    """A Counter for what is open at once. No step awaits anything, so none can be cut in two."""

    def __init__(self, keys: Naming) -> None:
        self._keys = keys
        self._holders: dict[str, set[int]] = {}

    async def take(self, limit: Limit, cost: int, holder: int) -> Standing:  # noqa: ARG002  (an exchange takes one)
        held = self._holders.setdefault(self._keys.name(limit), set())
        if len(held) >= limit.amount:
            return slot_standing(limit, len(held), refused=True)
        held.add(holder)
        return slot_standing(limit, len(held))

    async def adjust(self, limit: Limit, by: int, holder: int) -> Standing:  # noqa: ARG002
        name = self._keys.name(limit)
        held = self._holders.get(name, set())
        held.discard(holder)
        if not held:
            self._holders.pop(name, None)
        return slot_standing(limit, len(held))

    async def standing(self, limit: Limit) -> Standing:
        return slot_standing(limit, len(self._holders.get(self._keys.name(limit), ())))

    async def reset(self, limit: Limit) -> None:
        self._holders.pop(self._keys.name(limit), None)

    async def close(self) -> None:
        self._holders.clear()
