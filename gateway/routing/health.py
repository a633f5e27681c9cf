"""Asks deployments how they are, while the gateway is served: one that is ill is known before a client meets it, and one that
is well again is tried sooner. Calls themselves say more; nothing waits for a probe.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection
from typing import Generic, TypeVar

from gateway.faults import internal_fault
from gateway.obligations import DeploymentRef
from gateway.routing.standings import Standings

_Ref = TypeVar("_Ref", bound=DeploymentRef)


class HealthWatch(Generic[_Ref]):
    """`in_force` are the deployments to ask, and `probe` asks one; where that fails it is logged, and the others are asked.
    `every_s` seconds pass between two rounds, a quarter more or less; with 0 nobody is asked.
    """

    def __init__(
        self,
        in_force: Callable[[], Collection[_Ref]],
        probe: Callable[[_Ref], Awaitable[bool]],
        standings: Standings,
        every_s: float,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._in_force = in_force
        self._probe = probe
        self._standings = standings
        self._every_s = every_s
        self._draw = draw

    async def follow(self) -> None:
        """Until cancelled. Raises what `in_force` raises."""
        while self._every_s:
            await asyncio.sleep(self._every_s * (0.75 + self._draw() / 2))
            await self.round()

    async def round(self) -> None:
        """Ask each of them once, all at the same time."""
        for ended in await asyncio.gather(*map(self._ask, self._in_force()), return_exceptions=True):
            if isinstance(ended, Exception):
                internal_fault(ended)

    async def _ask(self, deployment: _Ref) -> None:
        self._standings.of(deployment).probed(well=await self._probe(deployment))
