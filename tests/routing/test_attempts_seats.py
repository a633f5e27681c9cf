"""Backends that are full, and callers who wait for a place at one."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Overloaded
from gateway.obligations import RouteTerms
from gateway.routing.attempts import Attempts
from tests.routing.fleet import A, Gpu, World
from tests.routing.test_attempts import answered, hanging, nobody_has_a_seat, well


async def test_a_full_one_is_passed_by_and_when_all_are_full_one_waits() -> None:
    small, spare = Gpu("a", concurrent=1), Gpu("b", concurrent=1)
    world = World({"a": well, "b": well})
    first = await Attempts(world.errand(small, spare), world.shared).answer()
    second = await Attempts(world.errand(small, spare), world.shared).answer()
    assert world.asked == ["a", "b"]
    third = asyncio.create_task(answered(world, small, spare))
    while not len(world.shared.queue):
        await asyncio.sleep(0)
    assert len(world.asked) == 2
    await anext(second.body)
    await second.body.aclose()
    assert (await third).status == 200
    assert world.asked == ["a", "b", "b"]
    await anext(first.body)
    await first.body.aclose()
    assert nobody_has_a_seat(world)


async def test_who_waits_in_vain_is_refused() -> None:
    small = Gpu("a", concurrent=1)
    world = World({"a": well})
    await Attempts(world.errand(small), world.shared).answer()
    with pytest.raises(Overloaded):
        await answered(world, small, terms=RouteTerms(queue_s=0.02))
    with pytest.raises(Overloaded):
        await answered(world, small, terms=RouteTerms(queue_s=0))


async def test_a_client_that_hangs_up_leaves_its_seat() -> None:
    world = World({"a": hanging})
    asking = asyncio.create_task(answered(world, A))
    while not world.asked:
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert nobody_has_a_seat(world)
