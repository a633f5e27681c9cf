"""Where the CPU time of a request goes, room by room of the gateway and library by library: a profile, added up."""

from __future__ import annotations

import cProfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from bench.hotpath.caller import Caller

_GATEWAY = Path(__file__).parents[2] / "gateway"
_LIBRARIES = frozenset(
    "aiohttp aiohappyeyeballs fastapi opentelemetry orjson requests sqlalchemy starlette uvloop yarl".split()
)
_Function: TypeAlias = tuple[str, int, str]


async def by_room(caller: Caller, bodies: Sequence[bytes]) -> list[tuple[str, float]]:
    """Rooms with their share (0 to 1) of the event loop's CPU time, largest first. What is Python's own is its caller's.

    A profile makes calls look dearer than they are: read it as an order.
    """
    profiler = cProfile.Profile(time.thread_time)
    profiler.enable()
    await caller.all(bodies, 1)
    profiler.disable()
    profiler.create_stats()
    shares: defaultdict[str, float] = defaultdict(float)
    for function, (_, _, own, _, callers) in profiler.stats.items():
        for room, spent in _spread(function, own, {who: timing[2] for who, timing in callers.items()}).items():
            shares[room] += spent
    whole = sum(shares.values())
    return [(room, shares[room] / whole) for room in sorted(shares, key=shares.__getitem__, reverse=True)]


def _spread(function: _Function, own: float, callers: dict[_Function, float]) -> dict[str, float]:
    room = _room(function[0])
    total = sum(callers.values())
    if room is not None or not total:
        return {room or "Python": own}
    spent: dict[str, float] = {}
    for who, part in callers.items():
        caller = _room(who[0]) or "Python"
        spent[caller] = spent.get(caller, 0.0) + own * part / total
    return spent


def _room(file: str) -> str | None:
    """`redaction` for a module of that room, the library's name for one of its own; None for Python's."""
    path = Path(file)
    if path.is_relative_to(_GATEWAY):
        return f"gateway/{path.relative_to(_GATEWAY).parts[0].removesuffix('.py')}"
    if "site-packages" in path.parts:
        library = path.parts[path.parts.index("site-packages") + 1]
        return library if library in _LIBRARIES else "other libraries"
    return None
