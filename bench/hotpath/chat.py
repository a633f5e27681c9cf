"""What each turn of a long chat costs: clients send the whole history again with every turn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import mean

import orjson

from bench.hotpath.caller import Caller
from bench.texts import prompt

_TURNS = 50
_EDGE = 5
_ANSWER = "Thank you, I have noted that. Is there anything else about the parcel that we should know? " * 2


async def chat(name: str, caller: Caller, numbers: Iterator[int]) -> str:
    """CPU-us of the first and of the last turns of a chat, on the event loop's thread, where each turn adds 200 characters."""
    said: list[dict[str, str]] = []
    spent: list[float] = []
    for _ in range(_TURNS):
        said.append({"role": "user", "content": prompt("en", 200, next(numbers)).text})
        body = orjson.dumps({"model": "bench", "messages": said})
        began = time.thread_time()
        await caller.call(body)
        spent.append((time.thread_time() - began) * 1e6)
        said.append({"role": "assistant", "content": _ANSWER})
    first, last = mean(spent[:_EDGE]), mean(spent[-_EDGE:])
    told = f"the first {_EDGE} {first:,.0f}, the last {last:,.0f} CPU-us, ratio {last / first:.1f}"
    return f"- a chat of {_TURNS} turns, {name}: {told}"
