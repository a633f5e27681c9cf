"""Finds an answer for an exchange: knows how deployments stand, who waits for them, and what may be retried."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection
from contextlib import suppress

from gateway.exchange import Reply
from gateway.obligations import DeploymentRef
from gateway.routing.attempts import Attempts
from gateway.routing.breaker import BreakerTerms
from gateway.routing.budget import RetryBudgets
from gateway.routing.errand import Errand, Shared
from gateway.routing.queue import Queue
from gateway.routing.standings import Standings
from gateway.routing.suspects import Suspects


def _untold(_: str) -> None:
    """Where there are no other gateways."""


class Router:
    """`in_force` are the deployments of the policy. `word` names a deployment to other gateways, and says nothing to others;
    `tell` says such a word to them: its breaker opened here. `longest_queue` may wait at once.
    """

    def __init__(
        self,
        in_force: Callable[[], Collection[DeploymentRef]],
        *,
        word: Callable[[DeploymentRef], str] = lambda one: one.id,
        tell: Callable[[str], None] = _untold,
        longest_queue: int = 256,
        draw: Callable[[], float] = random.random,
        breaker: BreakerTerms | None = None,
    ) -> None:
        self._word = word
        self._tell = tell
        self._loop: asyncio.AbstractEventLoop | None = None
        self.standings = Standings(time.monotonic, draw, in_force=in_force, opened=self._opened, terms=breaker)
        self._shared = Shared(self.standings, Queue(longest_queue), RetryBudgets(), Suspects(time.monotonic), draw)
        self.standings.left = self._shared.queue.room

    async def answer(self, errand: Errand) -> Reply:
        """Raises UpstreamError where no deployment has an answer, and Overloaded where none has a place."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return await Attempts(errand, self._shared).answer()

    @property
    def waiting(self) -> int:
        """How many exchanges wait for a place."""
        return len(self._shared.queue)

    def heard(self, word: str) -> None:
        """Another gateway's breaker opened; from any thread. Here it makes nobody stop, only one go first."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self._caution, word)

    def dismiss(self) -> None:
        """Whoever waits for a place is refused, and whoever comes and would have to wait: the gateway shuts down."""
        self._shared.queue.close()

    def _opened(self, deployment: DeploymentRef) -> None:
        self._tell(self._word(deployment))

    def _caution(self, word: str) -> None:
        for standing in self.standings.known():
            if self._word(standing.deployment) == word:
                standing.breaker.caution()
