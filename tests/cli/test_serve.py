from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.audit.reader import read_exchanges
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
    (row,) = read_exchanges(tmp_path / "audit.sqlite", limit=10)
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
    (row,) = read_exchanges(tmp_path / "audit.sqlite", limit=10)
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
