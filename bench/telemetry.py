"""What telemetry costs an exchange: CPU time with spans, with logs, with everything, beside none. `make bench-telemetry`.

Method. One process builds a gateway for each way, all with the same policy, and calls them as ASGI applications: the same
request of 200 characters with one name and one address, which is redacted, entered in the record, sent to a mock backend over
HTTP, and restored. The ways take turns. CPU time is that of the process, all threads, and each turn waits until what it made
has been exported to a receiver in another process, so that encoding and sending are in the figure. It is the median over the
turns, the ratio the median of the ratios within a turn, `least` the cheapest turn: other work on the machine can only add.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.types import Message

from bench.session import RESULTS
from bench.systems import free_port
from gateway.app import build_app
from gateway.identity.key_store import KeyStore
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint
from gateway.settings import Settings

_POLICY = """\
version: 1
deployments: {{mock: {{base_url: "{backend}"}}}}
models: {{bench: {{deployments: [mock]}}}}
tenants: {{bench: {{models: [bench], principals: {{app: {{}}}}, entities: {{default: placeholder}}, reply: {{restore: true}}}}}}
"""
_TEXT = "Dear team, Alice Johnson (alice.johnson@corp-example.org) asks where her parcel is. " + "It has been a week now. " * 5
_BODY = orjson.dumps({"model": "bench", "messages": [{"role": "user", "content": _TEXT}]})
_DRAINED_S = 0.4
_SOON = {f"OTEL_{queue}_SCHEDULE_DELAY": "100" for queue in ("BSP", "BLRP")}


@dataclass(frozen=True, slots=True)
class Way:
    """What is on. Settings are those of the gateway, signals those that are exported."""

    name: str
    signals: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


_LINES = {"access_log": "stdout", "decision_log": "stdout"}
WAYS = (
    Way("nothing"),
    Way("metrics", ("METRICS",)),
    Way("spans", ("TRACES",)),
    Way("lines on stdout", (), _LINES),
    Way("logs by OTLP", ("LOGS",)),
    Way("everything", ("TRACES", "METRICS", "LOGS"), _LINES),
)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=5, help="how often every way is measured")
    parser.add_argument("--calls", type=int, default=200, help="exchanges in a turn")
    given = parser.parse_args()
    os.environ.update(_SOON)  # the SDK reads them from there
    with backend() as port:
        turns = asyncio.run(measured(port, given.turns, given.calls))
    text = "\n".join([*table(turns), "", f"{given.calls} exchanges a turn, {given.turns} turns."])
    print(text)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"telemetry-{time.strftime('%Y%m%d-%H%M%S')}.md").write_text(text + "\n", encoding="utf-8")


def table(turns: list[dict[str, float]]) -> list[str]:
    """Markdown. Each turn has the CPU-ms an exchange of every way."""
    lines = ["| on | CPU-ms an exchange | ratio | least |", "|:--|--:|--:|--:|"]
    for way in WAYS:
        spent = [turn[way.name] for turn in turns]
        ratio = median(turn[way.name] / turn[WAYS[0].name] for turn in turns)
        lines.append(f"| {way.name} | {median(spent):.3f} | {ratio:.2f} | {min(spent):.3f} |")
    return lines


async def measured(port: int, turns: int, calls: int) -> list[dict[str, float]]:
    """The CPU-ms an exchange of each way, turn by turn, after a warm-up."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        async with AsyncExitStack() as open_ones:
            apps = {way.name: await open_ones.enter_async_context(serving(way, Path(folder), port)) for way in WAYS}
            for app, key in apps.values():
                await spent_ms(app, key, 20)
            return [{name: await spent_ms(app, key, calls) for name, (app, key) in apps.items()} for _ in range(turns)]


async def spent_ms(app: FastAPI, key: str, calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        await call(app, key)
    await asyncio.sleep(_DRAINED_S)
    return (time.process_time() - began) / calls * 1000


@asynccontextmanager
async def serving(way: Way, folder: Path, port: int) -> AsyncIterator[tuple[FastAPI, str]]:
    """A gateway, started, and a key for it."""
    state = folder / way.name.replace(" ", "-")
    state.mkdir()
    policy = state / "policy.yaml"
    policy.write_text(_POLICY.format(backend=f"http://127.0.0.1:{port}/v1"), encoding="utf-8")
    settings = Settings(policy=policy, state_dir=state, **way.settings)
    environ = {f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT": f"http://127.0.0.1:{port}/v1/otlp" for signal in way.signals}
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):  # noqa: ASYNC230 - nothing waits
        app = build_app(settings, environ)
        key = mint(load_pepper(settings.secret_path, {}), tenant="bench", principal="app", now=datetime.now(UTC))
        KeyStore(settings.keys_path).add(key.record)
        async with app.router.lifespan_context(app):
            yield app, key.plaintext


async def call(app: FastAPI, key: str) -> None:
    """One request, as a server would hand it on. Raises RuntimeError where it was not answered with 200."""
    arrived = [{"type": "http.request", "body": _BODY, "more_body": False}]
    statuses: list[int] = []

    async def receive() -> Message:
        if not arrived:
            await asyncio.Event().wait()
        return arrived.pop()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {key}".encode())]
    path = "/v1/chat/completions"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
    whence = {"http_version": "1.1", "scheme": "http", "server": ("x", 80), "client": ("x", 1), "root_path": ""}
    await app({**scope, **whence}, receive, send)
    if statuses != [200]:
        raise RuntimeError(f"answered {statuses}")


@contextmanager
def backend() -> Iterator[int]:
    """The mock backend, which also swallows what is exported."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "bench.mock_backend", str(port)]) as process:
        try:
            time.sleep(1.0)
            yield port
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
