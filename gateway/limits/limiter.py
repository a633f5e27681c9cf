"""What the rest of the house knows of limits: what an exchange costs, how a limit stands, and who counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.obligations import Limit, LimitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one exchange takes of each kind of limit; `spend` in millionths of the policy's currency."""

    requests: int = 1
    tokens: int = 0
    spend: int = 0

    def of(self, kind: LimitKind) -> int:
        """An exchange is one of those that are open at once, whatever else it costs."""
        match kind:
            case LimitKind.REQUESTS:
                return self.requests
            case LimitKind.TOKENS:
                return self.tokens
            case LimitKind.SPEND:
                return self.spend
            case LimitKind.CONCURRENT:
                return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a limit stands. `reset_s` is when nothing of it will be used any more, 0 where no clock says when.

    `retry_s` is None where the cost was taken; else nothing was, and it would be after so many seconds.
    """

    limit: Limit
    remaining: int
    reset_s: float = 0.0
    retry_s: float | None = None

    @property
    def used(self) -> int:
        return self.limit.amount - self.remaining


class Permit(Protocol):
    """What an exchange holds while it is under way. Everything here may be called twice, late, or by a cancelled task."""

    @property
    def headers(self) -> Mapping[str, str]:
        """`x-ratelimit-*` of the tightest limits, for the reply."""

    @property
    def locally(self) -> bool:
        """Whether this process counted by itself, because the store that all share did not answer."""

    async def settle(self, actual: Costs) -> None:
        """Charge what tokens and spend really were, in place of what was taken; the first call holds. Never raises.

        What comes back is taken off the count as it stands. Over time no more passes than the limit says; at one moment
        there may be room for as much more as drained away while the exchange was open.
        """

    async def release(self) -> None:
        """No longer count among those open at once. Never raises."""


class Limiter(Protocol):
    async def acquire(self, limits: Sequence[Limit], costs: Costs, *, locally: bool = False) -> Permit:
        """Take the costs from all of the limits, or nothing from any.

        `locally`: where nobody can count for all processes together, count in this one. Raises RateLimited, with no time to
        try again where the cost is more than a limit ever lets through; ProtectionUnavailable where nobody can count.
        """

    async def state(self, limits: Sequence[Limit]) -> list[Standing]:
        """How the limits stand, without taking anything. Raises ProtectionUnavailable."""

    async def reset(self, limit: Limit) -> None:
        """Forget what was used of a limit. Raises ProtectionUnavailable."""

    async def close(self) -> None:
        """End what is still to be settled, and every connection."""
