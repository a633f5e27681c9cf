"""Two calls for one answer: a second one is begun when the first has said nothing for a while (J. Dean and L. A. Barroso, The
Tail at Scale, CACM 56(2), 2013). Who gives the first byte first is read; the other is hung up on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.routing.errand import Place, Tried


async def first_good(
    send: Callable[[Place], Awaitable[Tried]],
    place: Place,
    spare: Callable[[], Place | None],
    outrun: Callable[[Place], None],
    after_s: float,
) -> Tried:
    """The first that is good, else the last that is not. Raises what a call raises that is no failure of a deployment."""
    calls: dict[asyncio.Future[Tried], Place] = {asyncio.ensure_future(send(place)): place}
    try:
        await asyncio.wait(calls, timeout=after_s)
        if not any(call.done() for call in calls) and (second := spare()) is not None:
            calls[asyncio.ensure_future(send(second))] = second
        tried = await _best(calls)
        for call, asked in calls.items():
            if tried.good and not call.done():
                outrun(asked)
    except BaseException:
        await asyncio.shield(_hanging_up(calls, None))
        raise
    hanging_up = _hanging_up(calls, tried)
    try:
        await asyncio.shield(hanging_up)
    except BaseException:  # the client left while the other was hung up on: then nobody wants this answer either
        await asyncio.shield(asyncio.ensure_future(_dropped(tried, hanging_up)))
        raise
    return tried


async def _best(calls: dict[asyncio.Future[Tried], Place]) -> Tried:
    waiting = set(calls)
    while True:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        ended = [call.result() for call in done]
        good = [tried for tried in ended if tried.good]
        if good or not waiting:
            return (good or ended)[0]


def _hanging_up(calls: dict[asyncio.Future[Tried], Place], kept: Tried | None) -> asyncio.Future[None]:
    """On every call but the one that is kept, also where it has just been answered. In a task of its own: who is cancelled
    twice, as by a client that leaves and a server that stops, would else give up half-way, and a place be taken for ever.
    """
    for call in calls:
        call.cancel()
    return asyncio.ensure_future(_hung_up(calls, kept))


async def _hung_up(calls: dict[asyncio.Future[Tried], Place], kept: Tried | None) -> None:
    await asyncio.wait(calls)
    for call, asked in calls.items():
        if call.cancelled() or call.exception() is not None:
            asked.seat.leave()  # cancelled before it had begun, a call does nothing by itself
        elif (ended := call.result()) is not kept:
            await ended.drop()


async def _dropped(tried: Tried, hanging_up: asyncio.Future[None]) -> None:
    await asyncio.wait({hanging_up})
    await tried.drop()
