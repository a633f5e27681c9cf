"""What it would cost to share findings on Redis, beside what it costs to find them again: `python -m bench.cache.findings`.

CPU time, not time: of this process, which asks and opens what is sealed, and of the Redis. Each text is asked for alone, which
is the dearest way; what a miss costs beside that, to write what was found, is told as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import cast

import orjson
import psutil
from redis.asyncio import Redis

from bench.cache.redis import redis_server
from bench.detection_workers import analyzer
from bench.texts import prompt
from gateway.exchange import Finding
from gateway.keys.envelope import new_key, seal, unseal
from gateway.rules.detection import DetectionRules

_LENGTHS = (100, 200, 500, 1_000, 2_000, 4_000, 16_000)
_ROUNDS = 5
_REPEATED = 200
_CONTEXT = "findings/bench"


def main() -> None:
    with TemporaryDirectory() as folder, redis_server(Path(folder)) as port:
        asyncio.run(_measured(port))


async def _measured(port: int) -> None:
    core, client, key = analyzer(taggers=True), Redis(port=port), new_key()
    server = next(one for one in psutil.Process().children(recursive=True) if "redis-server" in one.name())
    core.analyze("Ann Lee", rules=DetectionRules(tenant="t"), kept=frozenset(), check=lambda: None)
    print(f"{'':8} {'characters':>10} {'findings':>8} {'detect':>8} {'get':>8} {'put':>8}   CPU-ms a text, median of {_ROUNDS}")
    for language in ("en", "zh"):
        for length in _LENGTHS:
            text = prompt(language, length, 7).text
            found = core.analyze(text, rules=DetectionRules(tenant="t"), kept=frozenset(), check=lambda: None)
            times = max(3, 4_000 // length)
            detect = median(_cpu(core, text, times) for _ in range(_ROUNDS))
            get, put = await _shared(client, server, key, found)
            print(f"{language:8} {length:10} {len(found):8} {detect:8.3f} {get:8.3f} {put:8.3f}")
    await client.aclose()


def _cpu(core: object, text: str, times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        core.analyze(text, rules=DetectionRules(tenant="t"), kept=frozenset(), check=lambda: None)  # type: ignore[attr-defined]
    return (time.process_time() - begun) * 1_000 / times


async def _shared(client: Redis, server: psutil.Process, key: bytes, found: tuple[Finding, ...]) -> tuple[float, float]:
    packed = seal(key, orjson.dumps([[one.start, one.end, one.entity, one.score, one.recognizer] for one in found]), _CONTEXT)

    async def get() -> None:
        (kept,) = await client.mget(["findings:{t}:k"])
        [Finding(*one) for one in orjson.loads(unseal(key, cast("bytes", kept), _CONTEXT))]

    async def put() -> None:
        sealed = orjson.dumps([[one.start, one.end, one.entity, one.score, one.recognizer] for one in found])
        await client.set("findings:{t}:k", seal(key, sealed, _CONTEXT), px=600_000)

    await client.set("findings:{t}:k", packed)
    return await _spent(server, get), await _spent(server, put)


async def _spent(server: psutil.Process, work: Callable[[], Awaitable[None]]) -> float:
    rounds = []
    for _ in range(_ROUNDS):
        before = time.process_time() + sum(server.cpu_times()[:2])
        for _ in range(_REPEATED):
            await work()
        rounds.append((time.process_time() + sum(server.cpu_times()[:2]) - before) * 1_000 / _REPEATED)
    return median(rounds)


if __name__ == "__main__":
    main()
