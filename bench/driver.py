"""The load driver, in a process of its own: reads jobs as JSON lines, answers each with a line of what it measured.

A closed loop: every client sends its next request as soon as its last answer is complete. Connections are kept from one
job to the next, so a short job before a measured one opens them.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import aiohttp
import orjson
import uvloop

from bench.texts import Language, prompt

_FIRST_TOKEN = re.compile(rb'"content":\s*"[^"]')
_KEEPALIVE_S = 2.0  # sooner than any server here drops an idle connection
_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """So many requests to one place, from so many clients at once; `first` numbers their prompts."""

    url: str
    key: str
    model: str
    stream: bool
    language: Language
    characters: int
    first: int
    requests: int
    clients: int


@dataclass(slots=True)
class Outcome:
    """Times of the requests that succeeded, in ms; `first_token_ms` only of streams."""

    wall_s: float = 0.0
    failed: int = 0
    latency_ms: list[float] = field(default_factory=list)
    first_token_ms: list[float] = field(default_factory=list)


async def drive(session: aiohttp.ClientSession, job: Job) -> Outcome:
    """Do the job. The bodies are written before the clock starts."""
    outcome, bodies = Outcome(), iter([_body(job, job.first + at) for at in range(job.requests)])
    began = time.perf_counter()
    await asyncio.gather(*(_client(session, job, bodies, outcome) for _ in range(job.clients)))
    outcome.wall_s = time.perf_counter() - began
    return outcome


def _body(job: Job, number: int) -> bytes:
    text = prompt(job.language, job.characters, number).text
    return orjson.dumps({"model": job.model, "messages": [{"role": "user", "content": text}], "stream": job.stream})


async def _client(session: aiohttp.ClientSession, job: Job, bodies: Iterator[bytes], outcome: Outcome) -> None:
    headers = {"Authorization": f"Bearer {job.key}", "Content-Type": "application/json"}
    for body in bodies:
        began = time.perf_counter()
        try:
            first = await _answer(session, job, body, headers)
        except (aiohttp.ClientError, TimeoutError):
            outcome.failed += 1
            continue
        outcome.latency_ms.append((time.perf_counter() - began) * 1_000)
        if job.stream:
            outcome.first_token_ms.append((first - began) * 1_000)


async def _answer(session: aiohttp.ClientSession, job: Job, body: bytes, headers: dict[str, str]) -> float:
    """When the first token was there. Raises ClientError for a refusal and for an answer that is not whole."""
    async with session.post(job.url, data=body, headers=headers) as response:
        seen, first = b"", 0.0
        async for piece in response.content.iter_any():
            seen += piece
            if not first and _FIRST_TOKEN.search(seen):
                first = time.perf_counter()
        whole = b"[DONE]" in seen if job.stream else seen.endswith(b"}")
        if response.status != 200 or not first or not whole:
            raise aiohttp.ClientPayloadError("refused, or not whole")
        return first


async def serve() -> None:
    """One job after the other, until standard input ends."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            outcome = await drive(session, Job(**orjson.loads(line)))
            sys.stdout.buffer.write(orjson.dumps(asdict(outcome)) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(serve())
