"""How many threads may be held at a time, by each tenant and with long steps. Not thread-safe by itself."""

from __future__ import annotations

from collections import Counter


class Shares:
    """A tenant may hold all of `threads` but one, so that work of its that hangs leaves the others a thread.

    Long steps, too, may hold all but one, and those of one tenant one less than the tenant may hold, so that its own small
    requests need not wait for its large ones. Each of these is one thread at least.
    """

    def __init__(self, threads: int) -> None:
        self._most = max(1, threads - 1)
        self._most_long = max(1, self._most - 1)
        self._held: Counter[str] = Counter()
        self._held_long: Counter[str] = Counter()

    def allow(self, tenant: str, *, long: bool) -> bool:
        """Whether the tenant may take a step now."""
        return self._held[tenant] < self._most and not (long and self._is_long_enough(tenant))

    def take(self, tenant: str, *, long: bool) -> None:
        """A thread begins a step of the tenant's."""
        self._held[tenant] += 1
        self._held_long[tenant] += long

    def give_back(self, tenant: str, *, long: bool) -> None:
        """The step is over. Tenants that hold nothing are forgotten."""
        for held, number in ((self._held, 1), (self._held_long, int(long))):
            held[tenant] -= number
            if not held[tenant]:
                del held[tenant]

    def _is_long_enough(self, tenant: str) -> bool:
        return self._held_long.total() >= self._most or self._held_long[tenant] >= self._most_long
