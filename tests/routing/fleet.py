"""Deployments, a clock that a test moves, and backends that are a function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from gateway.exchange import Body, Reply
from gateway.obligations import DeploymentRef, RouteTerms
from gateway.routing.budget import RetryBudgets
from gateway.routing.choice import Choice
from gateway.routing.errand import Errand, Place, Shared, Told
from gateway.routing.queue import Queue
from gateway.routing.standings import Standings
from gateway.routing.suspects import Suspects


@dataclass(frozen=True)
class Gpu:
    """A deployment, by value."""

    id: str
    concurrent: int | None = None
    model: str | None = None
    version: str | None = None
    digest: str | None = None
    external: bool = False


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


def half() -> float:
    return 0.5


A, B, C = Gpu("a"), Gpu("b"), Gpu("c")

Backend = Callable[[], Awaitable[Reply]]


async def _said(text: str) -> Body:
    yield {"said": text}


def reply(text: str = "hello", status: int = 200, retry_after: int | None = None) -> Reply:
    return Reply(status=status, streaming=False, body=_said(text), retry_after=retry_after)


@dataclass
class World:
    """What an exchange meets: `backends` by id. Notes where calls went, in order."""

    backends: dict[str, Backend]
    limit: int = 8
    clock: Clock = field(default_factory=Clock)
    asked: list[str] = field(default_factory=list)
    told: Told = ()
    chosen: Choice | None = None
    total_s: float = 60.0
    draw: Callable[[], float] = half
    causes: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        queue = Queue[Place](self.limit)
        self.standings = Standings(self.clock, self.draw)
        self.shared = Shared(self.standings, queue, RetryBudgets(), Suspects(self.clock), self.draw)
        self.standings.left = queue.room

    def errand(
        self, *deployments: DeploymentRef, terms: RouteTerms | None = None, tenant: str = "acme", cause: bytes = b""
    ) -> Errand:
        known = cause or b"request %d" % next(self.causes)
        return Errand(
            terms=terms or RouteTerms(),
            deployments=deployments,
            send=self._send,
            note=self._note,
            elapsed_ms=lambda: 0.0,
            total_s=lambda _: self.total_s,
            cause=lambda: known,
            tokens=100,
            tenant=tenant,
        )

    def results(self) -> Sequence[tuple[str, str]]:
        return [(attempt.deployment, attempt.result) for attempt in self.told]

    async def _send(self, place: Place, told: Told) -> Reply:
        self.told = told
        name = place.choice.deployment.id
        self.asked.append(name)
        answer = await self.backends[name]()
        return answer.through(lambda body: _seated(body, place))

    def _note(self, choice: Choice, told: Told) -> None:
        self.chosen, self.told = choice, told


async def _seated(body: Body, place: Place) -> Body:
    try:
        async for part in body:
            yield part
    finally:
        place.seat.leave()
