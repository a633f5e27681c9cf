from __future__ import annotations

import asyncio
import logging

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


class Connector:
    """Cannot connect to some."""

    def __init__(self, *broken: CompiledDeployment) -> None:
        self.broken = set(broken)
        self.tries = 0

    def __call__(self, deployment: CompiledDeployment) -> Adapter:
        self.tries += 1
        if deployment in self.broken:
            raise OSError("secret-of-a-key-file")
        return Adapter(deployment)


async def test_one_that_cannot_be_connected_to_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    well, connector = deployment("well"), Connector(A)
    policy = Policy(A, B, well)
    fleet: Fleet[CompiledDeployment] = Fleet(lambda: policy.now, connector, lambda one: one.timeouts.total_s)
    with caplog.at_level(logging.ERROR):
        with pytest.raises(UpstreamUnreachable, match="could not connect"):
            fleet.upstream(A)
        assert isinstance(fleet.upstream(B), Adapter)
        assert (await fleet.probe(A), await fleet.probe(well), await fleet.any_healthy()) == (False, True, True)
    assert [one.getMessage().split(" at ")[0] for one in caplog.records] == ["internal fault: OSError"]
    assert "test_fleet.py" in caplog.text
    assert "secret" not in caplog.text
    assert connector.tries == 3  # it is not tried again with each call
    policy.change(B)  # what was never open is not retired either
    assert isinstance(fleet.upstream(B), Adapter)
    with pytest.raises(UpstreamUnreachable, match="no longer in service"):
        fleet.upstream(A)
    await fleet.close()


async def test_one_that_could_not_be_connected_to_is_tried_again_without_a_change_of_policy() -> None:
    policy, connector = Policy(A), Connector(A)
    fleet: Fleet[CompiledDeployment] = Fleet(lambda: policy.now, connector, lambda one: one.timeouts.total_s, 0)
    with pytest.raises(UpstreamUnreachable):
        fleet.upstream(A)
    connector.broken.clear()
    assert isinstance(fleet.upstream(A), Adapter)
    assert fleet.total_s(A) == 600
    await fleet.close()


async def test_a_fault_in_asking_for_health_is_ill_health_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Faulty(Adapter):
        async def healthy(self) -> bool:
            raise ValueError("what a backend said")

    fleet: Fleet[CompiledDeployment] = Fleet(lambda: policy.now, Faulty, lambda one: one.timeouts.total_s)
    policy = Policy(A)
    assert not await fleet.probe(A)
    assert not await fleet.any_healthy()
    assert "internal fault: ValueError" in caplog.text
    assert "backend said" not in caplog.text
    await fleet.close()
