"""What the limiter counts with: one counter for rates, one for what is open at once. Each of their steps is atomic."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from throttled.exceptions import StoreUnavailableError

from gateway.errors import ProtectionUnavailable
from gateway.limits.limiter import Standing
from gateway.obligations import Limit


class Counter(Protocol):
    """Counts for limits of some kinds. Every method raises ProtectionUnavailable where its store does not answer.

    `holder` is a random number of the exchange that takes; a slot is given back by whoever holds it.
    """

    async def take(self, limit: Limit, cost: int, holder: int) -> Standing:
        """Take the cost if there is so much left; the standing says so."""

    async def adjust(self, limit: Limit, by: int, holder: int) -> Standing:
        """Take that much more, over the limit if need be, or give it back where it is negative."""

    async def standing(self, limit: Limit) -> Standing:
        """How the limit stands."""

    async def reset(self, limit: Limit) -> None:
        """Forget what was taken."""

    async def close(self) -> None:
        """End what the counter does by itself, and its connections."""


@contextmanager
def answering() -> Generator[None, None, None]:
    """A store that is lost closes the gateway: what cannot be counted is not let through."""
    try:
        yield
    except StoreUnavailableError:
        raise ProtectionUnavailable("The limits cannot be counted: their store does not answer.") from None
