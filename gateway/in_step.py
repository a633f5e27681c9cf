"""What looks again and again beside the exchanges does so in step: a process that nobody asks is woken once for all of them."""

from __future__ import annotations

import asyncio


async def next_look(every_s: float) -> None:
    """Sleep until the event loop's clock next shows a multiple of `every_s` seconds, but for half of them at least: who is late
    is in step again after that.
    """
    await asyncio.sleep(pause_s(asyncio.get_running_loop().time(), every_s))


def pause_s(now_s: float, every_s: float) -> float:
    """Never more than `every_s`: what is promised within so long is kept."""
    return max(every_s - now_s % every_s, every_s / 2)
