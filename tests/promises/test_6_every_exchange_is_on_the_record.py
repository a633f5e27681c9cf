"""Promise 6: exactly one record for each exchange, durable before the upstream is called, completed after."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from gateway.audit.reader import read_exchanges
from gateway.cli.keys.commands import app as keys_cli
from tests.store.databases import sqlite_at
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.calls import closed_port
from tests.support.gateway import MODEL, RunningGateway, policy_text
from tests.support.script import Request, Script, echo, error, text


def test_each_way_to_end_leaves_one_record(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    before = len(gateway.records())
    gateway.chat("hi")
    gateway.chat("hi", stream=True)
    gateway.chat("hi", model="unknown")
    gateway.chat("key AKIAIOSFODNN7EXAMPLE")
    gateway.http.post("/chat/completions", content=b"{")
    httpx.post(f"{gateway.base_url}/embeddings", json={})
    backend.reply_with(error(500))
    gateway.chat("hi")
    backend.reply_with(error(429))
    gateway.chat("hi")
    backend.reply_with(lambda request: text(request, "one two three", size=4).dropped_after(500))
    gateway.chat("hi", stream=True)
    found = gateway.records(before + 9)[before:]
    assert [(r.outcome, r.error_code) for r in found] == [
        ("completed", None),
        ("completed", None),
        ("denied", "model_not_found"),
        ("denied", "entity_blocked"),
        ("rejected", "malformed_body"),
        ("denied", "invalid_api_key"),
        ("failed", "upstream_error"),
        ("rejected", None),
        ("truncated", "upstream_truncated"),
    ]
    assert len({record.call_id for record in found}) == 9


def test_the_call_id_is_what_the_client_sees(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    answer = gateway.chat("hi")
    assert answer.headers["x-request-id"] in {record.call_id for record in gateway.records()}


def test_it_is_durable_before_the_upstream_is_called(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    """The backend looks into the file at the moment when it is asked."""
    seen: list[tuple[str, ...]] = []

    def script(request: Request) -> Script:
        rows = read_exchanges(sqlite_at(gateway.settings.audit_path), limit=1)
        seen.append((rows[0].record.outcome, str(rows[0].record.deployment), str(rows[0].record.tenant)))
        return echo(request)

    backend.reply_with(script)
    gateway.chat("I am alice@corp-example.org")
    assert seen == [("incomplete", "backend", "acme")]


def test_what_is_on_record(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    before = len(gateway.records())
    gateway.chat("I am alice@corp-example.org, 张伟")
    record = gateway.records(before + 1)[-1]
    assert (record.tenant, record.principal, record.model, record.deployment) == ("acme", "app", MODEL, "backend")
    assert record.key_id is not None
    assert gateway.key.startswith(record.key_id)
    assert {(f.entity, f.operator, f.count) for f in record.findings} == {
        ("EMAIL_ADDRESS", "placeholder", 1),
        ("PERSON", "placeholder", 1),
    }
    assert record.usage.input_tokens
    assert record.usage.output_tokens
    assert record.usage.finish_reasons == ("stop",)
    assert record.content is not None
    assert set(record.content) == {"request/0", "marks/0", "reply/0"}
    content = gateway.content(record)
    assert content.request is not None
    assert content.request["messages"][0]["content"] == "I am <EMAIL_ADDRESS_1>, <PERSON_1>"
    assert content.reply == "I am <EMAIL_ADDRESS_1>, <PERSON_1>"
    assert [(mark.pointer, mark.start, mark.end, mark.entity) for mark in content.marks] == [
        ("/messages/0/content", 5, 22, "EMAIL_ADDRESS"),
        ("/messages/0/content", 24, 34, "PERSON"),
    ]
    assert (record.route_reason, record.cost, record.cache) == ("the only one that policy lets through", 0, "none")
    assert record.request_bytes > 0


def test_what_a_model_says_of_its_own_accord_is_redacted_in_the_record(
    gateway: RunningGateway, backend: ScriptedBackend
) -> None:
    backend.reply_with(lambda request: text(request, "Write to carol@corp-example.org"))
    before = len(gateway.records())
    assert gateway.say("whom?") == "Write to carol@corp-example.org"
    record = gateway.records(before + 1)[-1]
    assert gateway.content(record).reply == "Write to <EMAIL_ADDRESS_1>"


def test_the_log_is_append_only(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    gateway.chat("hi")
    gateway.records(1)
    with closing(sqlite3.connect(gateway.settings.audit_path)) as connection:
        for statement in ("UPDATE entries SET body = '{}'", "DELETE FROM entries"):
            with pytest.raises(sqlite3.DatabaseError):
                connection.execute(statement)


def test_a_killed_gateway_leaves_the_exchange_on_record(tmp_path: Path) -> None:
    """SIGKILL while the backend has not answered: the exchange is there, as incomplete."""
    with backend_in_thread() as backend:
        policy = tmp_path / "policy.yaml"
        policy.write_text(policy_text(backend.url))
        key = issue_key(tmp_path)
        port = closed_port()
        command = [
            sys.executable,
            "-m",
            "gateway",
            "serve",
            "--policy",
            str(policy),
            "--state-dir",
            str(tmp_path),
            "--port",
            str(port),
        ]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONWARNINGS": "ignore"})
        try:
            wait_until_it_serves(port)
            backend.reply_with(lambda request: text(request, "late").slow_head(30))
            body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(
                    f"http://127.0.0.1:{port}/v1/chat/completions",
                    json=body,
                    headers={"authorization": f"Bearer {key}"},
                    timeout=1.5,
                )
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert backend.received
    (row,) = read_exchanges(sqlite_at(tmp_path / "audit.sqlite"), limit=10)
    assert row.record.deployment == "backend"
    assert row.record.outcome in ("incomplete", "aborted")


def issue_key(state: Path) -> str:
    from typer.testing import CliRunner

    issued = CliRunner().invoke(keys_cli, ["issue", "--tenant", "acme", "--principal", "app", "--state-dir", str(state)])
    assert issued.exit_code == 0, issued.output
    return issued.stdout.strip().splitlines()[-1]


def wait_until_it_serves(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the gateway did not start"
            time.sleep(0.1)
        else:
            return
