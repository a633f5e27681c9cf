"""Who leaves ends the work that is done for him, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from gateway.api.departure import Departure


async def test_the_work_ends_where_it_waits_and_its_task_goes_on() -> None:
    reached = []
    with Departure() as departure:
        asyncio.get_running_loop().call_soon(departure.cancel)
        reached.append("before")
        await asyncio.Event().wait()
        reached.append("after")
    await asyncio.sleep(0)
    assert reached == ["before"]
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_work_that_ends_all_the_same_is_whole() -> None:
    """What is told twice, and what is caught inside, as an answer that is closed with care."""
    with Departure() as departure:
        asyncio.get_running_loop().call_soon(departure.cancel)
        asyncio.get_running_loop().call_soon(departure.cancel)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_whoever_leaves_after_the_end_cancels_nothing() -> None:
    with Departure() as departure:
        await asyncio.sleep(0)
    departure.cancel()
    await asyncio.sleep(0)


async def test_a_server_that_stops_is_not_mistaken_for_a_client_that_left() -> None:
    async def serving() -> None:
        with Departure() as departure:
            asyncio.get_running_loop().call_soon(departure.cancel)
            await asyncio.Event().wait()

    task = asyncio.create_task(serving())
    asyncio.get_running_loop().call_later(0, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_work_is_the_works() -> None:
    with pytest.raises(LookupError), Departure():
        raise LookupError
