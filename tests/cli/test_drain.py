"""SIGTERM: first not ready, then no more connections, and what was begun is finished."""

from __future__ import annotations

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


@pytest.mark.parametrize("workers", [1, 2])
def test_readiness_goes_first_and_streams_finish(tmp_path: Path, backend: ScriptedBackend, workers: int) -> None:
    redis = Redis() if workers > 1 else None
    environ = {"GATEWAY_DRAIN_NOTICE_S": "1.5", "GATEWAY_WORKERS": str(workers)}
    if redis is not None:
        environ["GATEWAY_REDIS_URL"] = redis.url
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
    if redis is not None:
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
