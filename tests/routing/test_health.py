from __future__ import annotations

import asyncio

import pytest

from gateway.routing.breaker import State
from gateway.routing.health import HealthWatch
from gateway.routing.standings import Standings
from tests.routing.fleet import A, B, Clock, Gpu, half


class Probes:
    def __init__(self, *well: Gpu) -> None:
        self.well = set(well)
        self.asked: list[str] = []
        self.enough = asyncio.Event()

    async def __call__(self, deployment: Gpu) -> bool:
        self.asked.append(deployment.id)
        if len(self.asked) >= 4:
            self.enough.set()
        return deployment in self.well


async def test_who_no_longer_passes_is_unfit_until_he_does() -> None:
    probes, standings = Probes(A, B), Standings(Clock(), half)
    watch = HealthWatch(lambda: (A, B), probes, standings, 5)
    await watch.round()
    probes.well = {B}
    await watch.round()
    await watch.round()
    assert (standings.load(A).fit, standings.load(B).fit) == (False, True)
    probes.well = {A, B}
    await watch.round()
    assert standings.load(A).fit


async def test_a_passing_probe_brings_a_trial_forward() -> None:
    standings = Standings(Clock(), half)
    for _ in range(5):
        seat = standings.take(A, 1)
        seat.failed()
        seat.leave()
    assert standings.of(A).breaker.state is State.OPEN
    await HealthWatch(lambda: (A,), Probes(A), standings, 5).round()
    assert standings.of(A).breaker.state is State.HALF_OPEN


async def test_it_goes_on_until_it_is_ended_and_not_at_all_with_nought() -> None:
    probes = Probes(A)
    watching = asyncio.create_task(HealthWatch(lambda: (A, B), probes, Standings(Clock(), half), 0.001).follow())
    await asyncio.wait_for(probes.enough.wait(), 5)
    watching.cancel()
    assert set(probes.asked) == {"a", "b"}
    await asyncio.wait_for(HealthWatch(lambda: (A,), probes, Standings(Clock(), half), 0).follow(), 5)


async def test_a_fault_of_one_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    probes = Probes(A, B)

    async def probe(deployment: Gpu) -> bool:
        well = await probes(deployment)
        if deployment == A:
            raise KeyError("what somebody wrote")
        return well

    watching = asyncio.create_task(HealthWatch(lambda: (A, B), probe, Standings(Clock(), half), 0.001).follow())
    await asyncio.wait_for(probes.enough.wait(), 5)
    watching.cancel()
    assert set(probes.asked) == {"a", "b"}
    assert "internal fault: KeyError at " in caplog.text
    assert "somebody wrote" not in caplog.text
