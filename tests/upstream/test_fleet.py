from __future__ import annotations

import asyncio
from collections.abc import Mapping

from gateway.exchange import Reply
from gateway.upstream.base import Deployment, Timeouts, UpstreamCall
from gateway.upstream.fleet import Fleet


class Adapter:
    """Knows whether it was closed."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.closed = asyncio.Event()

    async def send(self, call: UpstreamCall) -> Reply:
        raise NotImplementedError

    async def healthy(self) -> bool:
        return self.deployment.id == "well"

    async def close(self) -> None:
        self.closed.set()


def deployment(name: str, port: int = 1, total_s: float = 0.01) -> Deployment:
    return Deployment(id=name, base_url=f"http://127.0.0.1:{port}/v1", timeouts=Timeouts(total_s=total_s))


class Policy:
    def __init__(self, *deployments: Deployment) -> None:
        self.now: Mapping[str, Deployment] = {one.id: one for one in deployments}

    def change(self, *deployments: Deployment) -> None:
        self.now = {one.id: one for one in deployments}


async def test_a_deployment_that_stays_keeps_its_connections() -> None:
    policy = Policy(deployment("a"), deployment("b"))
    fleet = Fleet(lambda: policy.now, Adapter)
    before = dict(fleet.upstreams)
    policy.change(deployment("a"), deployment("c"))
    after = fleet.upstreams
    assert after["a"] is before["a"]
    assert set(after) == {"a", "c"}
    await fleet.close()


async def test_a_dropped_deployment_is_closed_when_its_exchanges_must_have_ended() -> None:
    policy = Policy(deployment("a"))
    fleet = Fleet(lambda: policy.now, Adapter)
    old = fleet.upstreams["a"]
    assert isinstance(old, Adapter)
    policy.change(deployment("a", port=2))
    assert fleet.upstreams["a"] is not old
    assert not old.closed.is_set()
    await asyncio.wait_for(old.closed.wait(), 5)
    await fleet.close()


async def test_closing_closes_everything_at_once() -> None:
    policy = Policy(deployment("a", total_s=600))
    fleet = Fleet(lambda: policy.now, Adapter)
    old = fleet.upstreams["a"]
    policy.change(deployment("b"))
    new = fleet.upstreams["b"]
    await asyncio.sleep(0)
    await fleet.close()
    assert isinstance(old, Adapter)
    assert isinstance(new, Adapter)
    assert old.closed.is_set()
    assert new.closed.is_set()


async def test_health_is_that_of_any() -> None:
    assert await Fleet(lambda: Policy(deployment("ill"), deployment("well")).now, Adapter).any_healthy()
    policy = Policy(deployment("ill"))
    assert not await Fleet(lambda: policy.now, Adapter).any_healthy()


async def test_health_is_not_asked_again_at_once() -> None:
    policy = Policy(deployment("well"))
    fleet = Fleet(lambda: policy.now, Adapter)
    assert await fleet.any_healthy()
    policy.change(deployment("ill"))
    assert await fleet.any_healthy()
