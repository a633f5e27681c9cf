"""The deployments in force, each with its connection pool, kept in step with the policy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from gateway.upstream.base import Deployment, Upstream

Deployments = Callable[[], Mapping[str, Deployment]]
Connect = Callable[[Deployment], Upstream]

_HEALTH_HOLDS_S = 1.0


class Fleet:
    """`deployments` names what the policy in force has; it must return the same mapping until that changes.

    A deployment that a new policy drops or changes is *retired*: open exchanges finish on it, and it is closed when the
    longest of them must have ended.
    """

    def __init__(self, deployments: Deployments, connect: Connect) -> None:
        self._deployments = deployments
        self._connect = connect
        self._known: Mapping[str, Deployment] = {}
        self._upstreams: Mapping[str, Upstream] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._healthy = False
        self._ask_again_at = 0.0

    @property
    def upstreams(self) -> Mapping[str, Upstream]:
        wanted = self._deployments()
        if wanted is not self._known:
            self._change_to(wanted)
        return self._upstreams

    async def any_healthy(self) -> bool:
        """Whether at least one backend answers; asked at most once a second, however often somebody wants to know."""
        now = asyncio.get_running_loop().time()
        if now >= self._ask_again_at:
            answers = await asyncio.gather(*(upstream.healthy() for upstream in self.upstreams.values()))
            self._healthy, self._ask_again_at = any(answers), now + _HEALTH_HOLDS_S
        return self._healthy

    async def close(self) -> None:
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await asyncio.gather(*(upstream.close() for upstream in self._upstreams.values()))

    def _change_to(self, wanted: Mapping[str, Deployment]) -> None:
        stays = {name for name, deployment in wanted.items() if self._known.get(name) == deployment}
        for name in self._known.keys() - stays:
            self._retire(self._upstreams[name], self._known[name].timeouts.total_s)
        self._upstreams = {
            name: self._upstreams[name] if name in stays else self._connect(deployment) for name, deployment in wanted.items()
        }
        self._known = wanted

    def _retire(self, upstream: Upstream, after_s: float) -> None:
        task = asyncio.get_running_loop().create_task(_close_later(upstream, after_s))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


async def _close_later(upstream: Upstream, after_s: float) -> None:
    try:
        await asyncio.sleep(after_s)
    finally:
        await upstream.close()
