from __future__ import annotations

import asyncio

import pytest

from gateway.errors import UpstreamUnreachable
from gateway.exchange import Reply
from gateway.policy.compile import CompiledDeployment
from gateway.policy.language.deployments import Timeouts
from gateway.upstream.base import Place, UpstreamCall
from gateway.upstream.fleet import Fleet


class Adapter:
    """Knows whether it was closed."""

    def __init__(self, deployment: CompiledDeployment) -> None:
        self.deployment = deployment
        self.closed = asyncio.Event()

    @property
    def place(self) -> Place:
        raise NotImplementedError

    async def send(self, call: UpstreamCall) -> Reply:
        raise NotImplementedError

    async def healthy(self) -> bool:
        return self.deployment.id == "well"

    async def close(self) -> None:
        self.closed.set()


def deployment(name: str, port: int = 1, total_s: float = 0.01) -> CompiledDeployment:
    url, limits = f"http://127.0.0.1:{port}/v1", Timeouts(total_s=total_s)
    return CompiledDeployment(id=name, base_url=url, model=None, api_key=None, timeouts=limits)


class Policy:
    def __init__(self, *deployments: CompiledDeployment) -> None:
        self.now = frozenset(deployments)

    def change(self, *deployments: CompiledDeployment) -> None:
        self.now = frozenset(deployments)


def fleet_of(policy: Policy) -> Fleet[CompiledDeployment]:
    return Fleet(lambda: policy.now, Adapter, lambda one: one.timeouts.total_s)


A, B, C = deployment("a", total_s=600), deployment("b", total_s=600), deployment("c", total_s=600)


async def test_a_deployment_that_stays_keeps_its_connections() -> None:
    policy = Policy(A, B)
    fleet = fleet_of(policy)
    before = fleet.upstream(A)
    policy.change(A, C)
    assert fleet.upstream(A) is before
    assert fleet.upstream(C) is not before
    await fleet.close()


async def test_an_exchange_of_the_old_policy_still_finds_its_deployment_and_no_other() -> None:
    """The same name at another address is another deployment."""
    policy = Policy(A)
    fleet = fleet_of(policy)
    old = fleet.upstream(A)
    moved = deployment("a", port=2, total_s=600)
    policy.change(moved)
    assert fleet.upstream(moved) is not old
    assert fleet.upstream(A) is old
    policy.change(A)
    assert fleet.upstream(A) is old
    await fleet.close()


async def test_a_dropped_deployment_is_closed_when_its_exchanges_must_have_ended() -> None:
    brief = deployment("a")
    policy = Policy(brief)
    fleet = fleet_of(policy)
    old = fleet.upstream(brief)
    assert isinstance(old, Adapter)
    policy.change(B)
    fleet.upstream(B)
    assert not old.closed.is_set()
    await asyncio.wait_for(old.closed.wait(), 5)
    with pytest.raises(UpstreamUnreachable):
        fleet.upstream(brief)
    await fleet.close()


async def test_closing_closes_everything_at_once() -> None:
    policy = Policy(A)
    fleet = fleet_of(policy)
    old = fleet.upstream(A)
    policy.change(B)
    new = fleet.upstream(B)
    await asyncio.sleep(0)
    await fleet.close()
    assert isinstance(old, Adapter)
    assert isinstance(new, Adapter)
    assert old.closed.is_set()
    assert new.closed.is_set()


async def test_health_is_that_of_any_and_not_asked_again_at_once() -> None:
    policy = Policy(deployment("ill"), deployment("well"))
    fleet = fleet_of(policy)
    assert await fleet.any_healthy()
    policy.change(deployment("ill"))
    assert await fleet.any_healthy()
    assert not await fleet_of(Policy(deployment("ill"))).any_healthy()
