from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.explorer.readers import Readers


async def test_exchanges_do_not_wait_for_readers() -> None:
    done, readers = threading.Event(), Readers(1)
    reading = [asyncio.create_task(readers.run(done.wait, 30)) for _ in range(50)]
    await asyncio.sleep(0)
    for one in reading[1:]:
        one.cancel()  # they hang up
    assert await asyncio.to_thread(lambda: not done.is_set())
    done.set()
    assert await reading[0]


async def test_a_reader_hears_what_went_wrong() -> None:
    with pytest.raises(ZeroDivisionError):
        await Readers().run(lambda: 1 // 0)
