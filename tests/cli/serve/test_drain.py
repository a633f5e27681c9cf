"""SIGTERM: first not ready, then no more connections, and what was begun is finished."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
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
        request = gateway.http.build_request("POST", "/chat/completions", json=BODY)
        with (
            gateway.http.stream("POST", "/chat/completions", json=BODY) as answer,
            closing(HTTPConnection(request.url.host, request.url.port or 80, timeout=60)) as waiting,
        ):
            lines = answer.iter_lines()
            next(lines)
            waiting.request("POST", request.url.path, request.content, dict(request.headers))
            until_read(waiting)
            gateway.process.terminate()
            assert [line for line in lines if line][-1] == "data: [DONE]"
            refused = waiting.getresponse()
            assert (refused.status, json.loads(refused.read())["error"]["code"]) == (503, "overloaded")
            assert refused.headers["retry-after"] == "30"
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
            while _unread(client.getsockname()[1]) is not None:
                assert time.monotonic() < deadline, "the connection stays for ever"
                time.sleep(0.1)


def until_read(client: HTTPConnection) -> None:
    """Until the server has taken all that was sent: then it is at work on it, or will be before it hears of anything else."""
    deadline = time.monotonic() + 60
    while _unread(client.sock.getsockname()[1]) != 0:
        assert time.monotonic() < deadline, "the server does not read"
        time.sleep(0.01)


def _unread(client_port: int) -> int | None:
    """Bytes that wait at the server's end of a client's connection (proc_net_tcp(5): the third column is the peer, the fifth
    what waits to be sent and to be read); None where the system has no such end any more.
    """
    rows = (row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
    ends = (row[4] for row in rows if int(row[2].rpartition(":")[2], 16) == client_port)
    return next((int(waiting.rpartition(":")[2], 16) for waiting in ends), None)
