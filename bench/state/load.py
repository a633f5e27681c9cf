"""Clients that ask without end, each checking that its own values come back and nobody else's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
import orjson

from bench.state.planted import address, question, wrong

_PATIENCE = aiohttp.ClientTimeout(total=15.0, connect=3.0)
_BREATH_S = 0.02
_AFTER_FAILURE_S = 0.2


@dataclass(frozen=True, slots=True)
class Call:
    """One call: when it was begun and ended, on a clock that only goes forward. `id` is empty where no gateway answered."""

    began: float
    ended: float
    status: int
    id: str
    whole: bool
    wrong: bool
    cache: str = ""

    @property
    def failed(self) -> bool:
        return not self.whole


@dataclass(slots=True)
class Load:
    url: str
    keys: Sequence[str]
    calls: list[Call] = field(default_factory=list)
    _over: bool = False

    async def run(self, clients: int) -> None:
        """Until `stop`. Every call has a connection of its own, so that the balancer chooses anew."""
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as session:
            await asyncio.gather(*(self._client(session, number) for number in range(clients)))

    def stop(self) -> None:
        self._over = True

    async def _client(self, session: aiohttp.ClientSession, client: int) -> None:
        number = 0
        while not self._over:
            call = await self._call(session, client, number)
            self.calls.append(call)
            await asyncio.sleep(_AFTER_FAILURE_S if call.failed else _BREATH_S)
            number += 1

    async def _call(self, session: aiohttp.ClientSession, client: int, number: int) -> Call:
        stream = number % 3 == 0
        body = {
            "model": "bench",
            "messages": [{"role": "user", "content": question(client, number)}],
            "temperature": number % 2,  # every other one may come from the cache
            "stream": stream,
        }
        headers = {"authorization": f"Bearer {self.keys[client % len(self.keys)]}"}
        began, status, name, cache, received = time.monotonic(), 0, "", "", b""
        try:
            async with session.post(f"{self.url}/chat/completions", json=body, headers=headers) as response:
                status, name = response.status, response.headers.get("x-request-id", "")
                cache = response.headers.get("x-gateway-cache", "")
                async for piece in response.content.iter_any():
                    received += piece
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass
        text, whole = _read(received, stream=stream)
        whole = whole and status == 200
        mistaken = wrong(text, address(client, number), whole=whole)
        return Call(began, time.monotonic(), status, name, whole, mistaken, cache)


def _read(received: bytes, *, stream: bool) -> tuple[str, bool]:
    """The words of an answer, or of the part that came; and whether it is whole. Of what cannot be read, all of it."""
    if stream:
        events = [line.removeprefix(b"data: ") for line in received.split(b"\n\n") if line.startswith(b"data: {")]
        return "".join(_words(event, "delta") for event in events), b"data: [DONE]" in received
    words = _words(received, "message")
    return words or received.decode("utf-8", "replace"), bool(words)


def _words(raw: bytes, part: str) -> str:
    try:
        return "".join(choice[part].get("content") or "" for choice in orjson.loads(raw)["choices"])
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return ""
