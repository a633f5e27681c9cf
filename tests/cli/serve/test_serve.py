from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from gateway.audit.reader import read_exchanges
from gateway.cli.serve.server import AnnouncingServer, url_of
from tests.store.databases import sqlite_at
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, policy_text
from tests.support.process import gateway_process
from tests.support.script import echo, text

WORDS = "one two three four five six"
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "count"}], "stream": True}


@pytest.fixture(scope="module")
def backend() -> Iterator[ScriptedBackend]:
    with backend_in_thread() as scripted:
        yield scripted


def test_a_gateway_that_is_stopped_finishes_what_it_began(tmp_path: Path, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: text(request, WORDS).slow(0.1))
    with gateway_process(tmp_path, policy_text(backend.url)) as gateway:
        with gateway.http.stream("POST", "/chat/completions", json=BODY) as answer:
            lines = answer.iter_lines()
            next(lines)
            gateway.process.terminate()
            rest = list(lines)
        assert [line for line in rest if line][-1] == "data: [DONE]"
        assert gateway.process.wait(30) == 0
        with pytest.raises(httpx.ConnectError):
            gateway.http.get("/models")
    (row,) = read_exchanges(sqlite_at(tmp_path / "audit.sqlite"), limit=10)
    assert row.record.outcome == "completed"


def test_a_gateway_that_is_stopped_does_not_wait_for_ever(tmp_path: Path, backend: ScriptedBackend) -> None:
    """After the drain limit of one second the stream is cut, and the record says so."""
    backend.reply_with(lambda request: text(request, WORDS).stalled_after(500))
    policy = policy_text(backend.url).replace("between_bytes_s: 3", "between_bytes_s: 60").replace("total_s: 20", "total_s: 60")
    with gateway_process(tmp_path, policy, {"GATEWAY_DRAIN_TIMEOUT_S": "1"}) as gateway:
        with gateway.http.stream("POST", "/chat/completions", json=BODY) as answer:
            lines = answer.iter_lines()
            next(lines)
            gateway.process.terminate()
            with pytest.raises(httpx.RemoteProtocolError):
                list(lines)
        assert gateway.process.wait(30) == 0
    (row,) = read_exchanges(sqlite_at(tmp_path / "audit.sqlite"), limit=10)
    assert row.record.outcome == "aborted"


def test_a_hangup_signal_reads_the_backends_keys_again(tmp_path: Path, backend: ScriptedBackend) -> None:
    """The policy file has not changed, so nothing but the signal makes the gateway look."""
    backend.reply_with(echo)
    secret = tmp_path / "backend.key"
    secret.write_text("first-key")
    policy = policy_text(backend.url).replace("{base_url:", f'{{api_key: {{file: "{secret}"}}, base_url:')
    plain = {**BODY, "stream": False}
    with gateway_process(tmp_path, policy) as gateway:
        assert gateway.http.post("/chat/completions", json=plain).status_code == 200
        secret.write_text("second-key")
        gateway.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while backend.received[-1].headers["authorization"] != "Bearer second-key":
            assert time.monotonic() < deadline, "the old key is still in use"
            assert gateway.http.post("/chat/completions", json=plain).status_code == 200
            time.sleep(0.05)


def bare(body: Callable[[], Awaitable[str]], port: int = 0) -> uvicorn.Config:
    app = FastAPI()
    app.add_api_route("/", body)
    return uvicorn.Config(app, port=port, log_level="critical", timeout_graceful_shutdown=5)


async def hello() -> str:
    return "hello"


async def test_where_the_second_port_is_taken_nothing_is_served() -> None:
    """And nothing is announced: the first is closed in good order before the process ends."""
    announced: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        beside = bare(hello, taken.getsockname()[1])
        server = AnnouncingServer(bare(hello), lambda port, _: announced.append(port), beside)
        with pytest.raises(SystemExit) as ended:
            await server.serve()
    assert ended.value.code == 3
    assert announced == []
    assert not any(one.is_serving() for one in server.servers)


async def test_both_ports_are_told_and_end_together() -> None:
    """While the second drains, the first takes no more, and what began is finished."""
    begun, end, told = asyncio.Event(), asyncio.Event(), asyncio.Queue[tuple[int, int | None]]()

    async def slow() -> str:
        begun.set()
        await end.wait()
        return "late"

    server = AnnouncingServer(bare(hello), lambda *ports: told.put_nowait(ports), bare(slow))
    serving = asyncio.create_task(server.serve())
    port, beside = await asyncio.wait_for(told.get(), 10)
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"http://127.0.0.1:{port}/")).json() == "hello"
        late = asyncio.create_task(http.get(f"http://127.0.0.1:{beside}/"))
        await asyncio.wait_for(begun.wait(), 10)
        server.should_exit = True
        async with asyncio.timeout(10):
            while any(one.is_serving() for one in server.servers):
                await asyncio.sleep(0.01)
        async with httpx.AsyncClient() as another:
            with pytest.raises(httpx.ConnectError):
                await another.get(f"http://127.0.0.1:{port}/")
        assert not serving.done()
        end.set()
        assert (await late).json() == "late"
    await asyncio.wait_for(serving, 10)


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:8080"), ("::1", "http://[::1]:8080")])
def test_urls(host: str, url: str) -> None:
    assert url_of(host, 8080) == url
