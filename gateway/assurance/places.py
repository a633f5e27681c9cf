"""Where else something of a person may be kept: a cache, a vault, a register of documents."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Erasable(Protocol):
    """A place that can erase what it keeps of a person. Asked again, it finds nothing more to erase."""

    async def erase(self, tenant: str, tags: Collection[bytes] | None) -> int:
        """Erase all that a tenant has of whoever these tags stand for (None: of anybody), and say how many things it was.

        `tags` are those of `TenantKey.tag`. A place that cannot tell whom a thing is about erases all of the tenant. Raises a
        GatewayError where it cannot erase: nothing is confirmed then.
        """
