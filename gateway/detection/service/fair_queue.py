"""A queue in which every tenant has its turn, however much the others have put into it. Not thread-safe by itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


def _anybody(_: str) -> bool:
    return True


class FairQueue(Generic[T]):
    """Round robin over tenants; first in, first out for each of them."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[T, None]] = {}  # tenants in the order of their turns

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def push(self, tenant: str, item: T) -> None:
        self._waiting.setdefault(tenant, {})[item] = None

    def pop(self, may: Callable[[str], bool] = _anybody) -> T:
        """The first item of the tenant whose turn it is; one that `may` not now keeps its turn. Raises LookupError for none."""
        tenant = self._next(may)
        if tenant is None:
            raise LookupError("nobody has a turn")
        item = next(iter(self._waiting[tenant]))
        self._move_back(tenant)
        self.discard(tenant, item)
        return item

    def has_turn(self, may: Callable[[str], bool] = _anybody) -> bool:
        """Whether `pop` would give an item."""
        return self._next(may) is not None

    def discard(self, tenant: str, item: T) -> None:
        """Take an item out of its place, if it is in the queue."""
        items = self._waiting.get(tenant, {})
        items.pop(item, None)
        if not items:
            self._waiting.pop(tenant, None)

    def clear(self) -> list[T]:
        """Take everything out."""
        items = [item for queued in self._waiting.values() for item in queued]
        self._waiting.clear()
        return items

    def _next(self, may: Callable[[str], bool]) -> str | None:
        return next(filter(may, self._waiting), None)

    def _move_back(self, tenant: str) -> None:
        self._waiting[tenant] = self._waiting.pop(tenant)
