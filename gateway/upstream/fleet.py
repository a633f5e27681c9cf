"""Connections to the deployments in force, kept in step with the policy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from gateway.errors import UpstreamUnreachable
from gateway.faults import internal_fault
from gateway.obligations import DeploymentRef
from gateway.upstream.base import Upstream

_Ref = TypeVar("_Ref", bound=DeploymentRef)
_HEALTH_HOLDS_S = 1.0
_CONNECT_AGAIN_S = 5.0
"""Until a deployment that could not be connected to is tried again: each try may take long, and is a line in the log."""


class Fleet(Generic[_Ref]):
    """An adapter with a connection pool for each deployment, by value: a changed address or key is another deployment.

    `current` gives what the policy in force has. A deployment that a new policy drops or changes is *retired*: exchanges that
    the old policy sent there still find it, and it is closed after `linger_s(deployment)`, when the longest must have ended.
    One for which `connect` raises is out of service, it alone, until a later try.
    """

    def __init__(
        self,
        current: Callable[[], Collection[_Ref]],
        connect: Callable[[_Ref], Upstream],
        linger_s: Callable[[_Ref], float],
        connect_again_s: float = _CONNECT_AGAIN_S,
    ) -> None:
        self._current = current
        self._connect = connect
        self._linger_s = linger_s
        self._connect_again_s = connect_again_s
        self._seen: Collection[_Ref] = ()
        self._missing: Collection[_Ref] = ()
        self._connect_again_at = 0.0
        self._open: dict[DeploymentRef, Upstream] = {}
        self._longest_s: dict[DeploymentRef, float] = {}
        self._retiring: dict[DeploymentRef, asyncio.Task[None]] = {}
        self._healthy = False
        self._ask_again_at = 0.0

    def upstream(self, deployment: DeploymentRef) -> Upstream:
        """Raises UpstreamUnreachable for a deployment that is out of service."""
        self._keep_in_step()
        upstream = self._open.get(deployment)
        if upstream is None and deployment in self._missing:
            raise UpstreamUnreachable("The gateway could not connect to the deployment of this model; its log says why.")
        if upstream is None:
            raise UpstreamUnreachable("The deployment of this model is no longer in service.")
        return upstream

    def total_s(self, deployment: DeploymentRef) -> float:
        """How many seconds an exchange with it may take; 0 for one that is out of service."""
        return self._longest_s.get(deployment, 0.0)

    async def probe(self, deployment: DeploymentRef) -> bool:
        """Whether it answers now. Never raises."""
        self._keep_in_step()
        return await self._answers(deployment)

    async def any_healthy(self) -> bool:
        """Whether at least one backend answers; asked at most once a second, however often somebody wants to know."""
        now = asyncio.get_running_loop().time()
        if now >= self._ask_again_at:
            self._keep_in_step()
            answers = await asyncio.gather(*map(self._answers, self._seen))
            self._healthy, self._ask_again_at = any(answers), now + _HEALTH_HOLDS_S
        return self._healthy

    async def close(self) -> None:
        """Close everything at once."""
        tasks = list(self._retiring.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(upstream.close() for upstream in self._open.values()))

    def _keep_in_step(self) -> None:
        wanted = self._current()
        if wanted is self._seen:
            if self._missing and asyncio.get_running_loop().time() >= self._connect_again_at:
                self._connect_all(self._missing)
            return
        dropped = [deployment for deployment in self._seen if deployment not in wanted and deployment in self._open]
        self._seen = wanted
        for deployment in wanted:
            if deployment in self._retiring:
                self._retiring.pop(deployment).cancel()
        for deployment in dropped:
            self._retiring[deployment] = asyncio.get_running_loop().create_task(self._retire(deployment))
        self._connect_all([deployment for deployment in wanted if deployment not in self._open])

    def _connect_all(self, missing: Collection[_Ref]) -> None:
        self._missing = [deployment for deployment in missing if not self._connected(deployment)]
        if self._missing:
            self._connect_again_at = asyncio.get_running_loop().time() + self._connect_again_s

    def _connected(self, deployment: _Ref) -> bool:
        try:
            self._open[deployment] = self._connect(deployment)
        except Exception as error:  # noqa: BLE001  (whatever it is, the other deployments serve)
            internal_fault(error)
            return False
        self._longest_s[deployment] = self._linger_s(deployment)
        return True

    async def _answers(self, deployment: DeploymentRef) -> bool:
        upstream = self._open.get(deployment)
        try:
            return upstream is not None and await upstream.healthy()
        except Exception as error:  # noqa: BLE001  (whoever asks for health is told, and not thrown at)
            internal_fault(error)
            return False

    async def _retire(self, deployment: _Ref) -> None:
        await asyncio.sleep(self._linger_s(deployment))
        del self._retiring[deployment], self._longest_s[deployment]
        await self._open.pop(deployment).close()
