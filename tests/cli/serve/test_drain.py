"""SIGTERM: first not ready, then no more connections, and what was begun is finished."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.audit.reader import read_exchanges
from tests.shared.servers import Server as Redis
from tests.store.databases import sqlite_at
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL
from tests.support.process import gateway_process
from tests.support.script import echo, text

WORDS = "one two three four five six seven eight"
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "count"}], "stream": True}


@pytest.fixture(scope="module")
def backend() -> Iterator[ScriptedBackend]:
    with backend_in_thread() as scripted:
        scripted.reply_with(lambda request: echo(request) if request.surface == "models" else text(request, WORDS).slow(0.25))
        yield scripted


def policy(backend: ScriptedBackend) -> str:
    return f"""\
version: 1
deployments: {{one: {{base_url: "{backend.url}", concurrent: 1}}}}
models: {{{MODEL}: {{deployments: [one], routing: {{queue_s: 30}}}}}}
tenants: {{acme: {{models: [{MODEL}], principals: {{app: {{}}}}}}}}
"""


def status_of(http: httpx.Client, path: str) -> int:
    return http.get(str(http.base_url.join(path))).status_code


def test_readiness_goes_first_and_streams_finish(tmp_path: Path, backend: ScriptedBackend) -> None:
    """Of every worker."""
    redis = Redis()
    environ = {"GATEWAY_DRAIN_NOTICE_S": "4", "GATEWAY_WORKERS": "2", "GATEWAY_REDIS_URL": redis.url}
    with gateway_process(tmp_path, policy(backend).replace("concurrent: 1", "concurrent: 9"), environ) as gateway:
        with gateway.http.stream("POST", "/chat/completions", json=BODY) as answer:
            lines = answer.iter_lines()
            next(lines)
            gateway.process.terminate()
            deadline = time.monotonic() + 10
            while status_of(gateway.http, "/readyz") != 503:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert gateway.http.get("/models").status_code == 200  # it is still there for who has not noticed yet
            rest = [line for line in lines if line]
        assert rest[-1] == "data: [DONE]"
        assert gateway.process.wait(30) == 0
    (row,) = read_exchanges(sqlite_at(tmp_path / "audit.sqlite"), limit=10)
    assert row.record.outcome == "completed"
    redis.stop()


def test_who_waits_for_a_place_is_sent_away(tmp_path: Path, backend: ScriptedBackend) -> None:
    with gateway_process(tmp_path, policy(backend)) as gateway:
        refused = list[httpx.Response]()
        with gateway.http.stream("POST", "/chat/completions", json=BODY) as answer:
            lines = answer.iter_lines()
            next(lines)
            waiting = threading.Thread(target=lambda: refused.append(gateway.http.post("/chat/completions", json=BODY)))
            waiting.start()
            time.sleep(1.5)  # until it stands in the queue
            gateway.process.terminate()
            assert [line for line in lines if line][-1] == "data: [DONE]"
            waiting.join(10)
        assert [(one.status_code, one.json()["error"]["code"]) for one in refused] == [(503, "overloaded")]
        assert refused[0].headers["retry-after"] == "30"
        assert gateway.process.wait(30) == 0
    outcomes = sorted(str(row.record.outcome) for row in read_exchanges(sqlite_at(tmp_path / "audit.sqlite"), limit=10))
    assert outcomes == ["completed", "failed"]


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system gives up no stalled connections")
def test_the_connection_of_a_client_that_reads_nothing_is_given_up(tmp_path: Path) -> None:
    """It could be closed only when its bytes are sent, which may be never."""
    with backend_in_thread() as backend:
        backend.reply_with(lambda request: text(request, "word " * 600_000, size=8_192))
        with (
            gateway_process(tmp_path, policy(backend), {"GATEWAY_STALLED_CLIENT_S": "0.5"}) as gateway,
            socket.socket() as client,
        ):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(20)
            client.connect((gateway.http.base_url.host, gateway.http.base_url.port))
            request = gateway.http.build_request("POST", "/chat/completions", json=BODY)
            head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
            client.sendall(f"POST /v1/chat/completions HTTP/1.1\r\n{head}\r\n".encode() + request.content)
            deadline = time.monotonic() + 20
            while _held_by_server(client.getsockname()[1]):
                assert time.monotonic() < deadline, "the connection stays for ever"
                time.sleep(0.1)


def _held_by_server(client_port: int) -> bool:
    """Whether the system still has the server's end of a client's connection (proc_net_tcp(5): the third column is the peer)."""
    rows = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return any(int(row.split()[2].rpartition(":")[2], 16) == client_port for row in rows)
