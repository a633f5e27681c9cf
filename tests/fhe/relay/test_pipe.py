"""What a sidecar sends waits outside of memory until somebody wants it."""

from __future__ import annotations

import asyncio

import pytest

from gateway.fhe.relay.pipe import Announced, Pipe

PIECE = bytes(200_000)


@pytest.fixture
def pipe() -> Pipe:
    return Pipe(Announced(3, 5))


async def test_who_feeds_waits_while_nobody_reads(pipe: Pipe) -> None:
    await pipe.feed(PIECE)
    feeding = asyncio.create_task(pipe.feed(PIECE))
    await asyncio.sleep(0)
    assert not feeding.done()
    assert await pipe.read(300_000) == bytes(300_000)
    await feeding
    assert await pipe.read(100_000) == bytes(100_000)


async def test_a_frame_may_be_longer_than_what_waits(pipe: Pipe) -> None:
    reading = asyncio.create_task(pipe.read(5 * len(PIECE)))
    for _ in range(5):
        await pipe.feed(PIECE)
    assert await reading == bytes(5 * len(PIECE))


async def test_the_end_is_told_to_whoever_waits(pipe: Pipe) -> None:
    waiting = asyncio.create_task(pipe.begins())
    await asyncio.sleep(0)
    pipe.end()
    assert not await waiting
    with pytest.raises(EOFError):
        await pipe.read(1)


async def test_what_came_before_the_end_is_read(pipe: Pipe) -> None:
    await pipe.feed(b"abc")
    pipe.end()
    assert await pipe.begins()
    assert await pipe.read(3) == b"abc"
    assert not await pipe.begins()
    assert await pipe() == b"", "there is no body beside the frames"
