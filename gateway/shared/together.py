"""Tasks that run until their owner is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


async def together(*work: Coroutine[None, None, None], again_s: float = 0.1) -> None:
    """Runs all of it until it ends or this is cancelled; raises what one of them raises, and ends the others.

    The client of Redis can lose a cancellation that comes together with a time-out, so it is repeated, every `again_s`
    seconds, until it is heard.
    """
    tasks = {asyncio.create_task(one) for one in work}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        pending = tasks
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=again_s)
    for task in tasks:
        if not task.cancelled():
            task.result()
