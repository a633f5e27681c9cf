"""What an exchange wants of the deployments, and what all exchanges of a process share of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.errors import UnsupportedParameter, UpstreamError
from gateway.exchange import Attempt, Reply
from gateway.obligations import DeploymentRef, RouteTerms
from gateway.routing.budget import RetryBudgets
from gateway.routing.choice import Choice
from gateway.routing.queue import Queue
from gateway.routing.standings import Seat, Standings
from gateway.routing.suspects import Suspects

Told: TypeAlias = tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A seat at a deployment, why it is this one, and since when (milliseconds since the exchange began)."""

    choice: Choice
    seat: Seat
    taken_ms: float

    def attempt(self, result: str, ended_ms: float) -> Attempt:
        return Attempt(deployment=self.choice.deployment.id, result=result, started_ms=self.taken_ms, ended_ms=ended_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """`send` makes the call, and sees to it that the seat is left when the reply's body has ended or is closed. `note` hears of
    the attempts there were. `total_s` is how long an exchange with a deployment may take. `cause` is a digest of the request.
    """

    terms: RouteTerms
    deployments: tuple[DeploymentRef, ...]
    send: Callable[[Place, Told], Awaitable[Reply]]
    note: Callable[[Choice, Told], None]
    elapsed_ms: Callable[[], float]
    total_s: Callable[[DeploymentRef], float]
    cause: Callable[[], bytes]
    tokens: int = 0
    tenant: str = ""
    affinity: bytes | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """`draw` gives numbers in 0..1."""

    standings: Standings
    queue: Queue[Place]
    budgets: RetryBudgets
    suspects: Suspects
    draw: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Tried:
    """How a call ended; `good` with a reply that the client is to have."""

    place: Place
    outcome: Reply | UpstreamError | UnsupportedParameter
    good: bool = False

    async def drop(self) -> None:
        """Nobody wants its reply."""
        if isinstance(self.outcome, Reply):
            await self.outcome.body.aclose()
