from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Overloaded, UpstreamError
from gateway.exchange import Reply
from gateway.routing.breaker import State
from gateway.routing.router import Router
from tests.routing.fleet import A, B, Gpu, World, reply


async def ill() -> Reply:
    raise UpstreamError("500")


async def well() -> Reply:
    return reply()


async def test_one_gateways_open_breaker_makes_another_careful() -> None:
    told = list[str]()
    world = World({"a": ill, "b": well})
    one = Router(lambda: (A, B), word=lambda gpu: f"word-{gpu.id}", tell=told.append)
    other = Router(lambda: (A, B), word=lambda gpu: f"word-{gpu.id}")
    other.heard("word-a")  # before anything was asked there: nothing to be careful about
    for _ in range(5):
        with pytest.raises(UpstreamError):
            await one.answer(world.errand(A))
    assert told == ["word-a"]
    world.backends["a"] = well
    await (await other.answer(world.errand(A))).body.aclose()
    await (await other.answer(world.errand(B))).body.aclose()
    await asyncio.to_thread(other.heard, "word-a")
    await asyncio.sleep(0.01)
    assert other.standings.of(A).breaker.state is State.HALF_OPEN
    assert other.standings.of(B).breaker.state is State.CLOSED


async def test_when_the_gateway_leaves_nobody_waits() -> None:
    small = Gpu("a", concurrent=1)
    world = World({"a": well})
    router = Router(lambda: (small,))
    held = await router.answer(world.errand(small))
    waiting = asyncio.create_task(router.answer(world.errand(small)))
    while not router.waiting:
        await asyncio.sleep(0)
    router.dismiss()
    with pytest.raises(Overloaded):
        await waiting
    assert [part async for part in held.body]
