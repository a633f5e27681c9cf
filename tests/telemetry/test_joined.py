"""A whole gateway and a real receiver: one call id joins the record, both logs and the spans, and no value gets there.

Where the receiver is in trouble, requests are not.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from gateway.audit.event import ExchangeRecord
from tests.promises.test_1_nothing_raw_leaves import MAIL, NAME, PHONE, SENTENCE, assert_clean
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.telemetry.receiving import Received, attributes, receiving

TENANT = "entities: {default: placeholder, SECRET: block}\nreply: {restore: true}"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
LAST_METRIC = "gen_ai.client.operation.time_to_first_chunk"
CALLER = {
    "traceparent": f"00-{TRACE}-{PARENT}-01",
    "tracestate": f"congo=t61,mail={MAIL}",
    "baggage": f"mail={MAIL}",
}


@pytest.fixture(scope="module")
def backend() -> Iterator[ScriptedBackend]:
    with backend_in_thread() as scripted:
        yield scripted


@pytest.fixture(autouse=True)
def nothing_received(backend: ScriptedBackend) -> None:
    backend.received.clear()
    backend.forget_wire()


def talk(folder: Path, backend: ScriptedBackend, environ: dict[str, str], **options: Any) -> dict[str, ExchangeRecord]:
    """Some calls of each kind; the records by what was asked for. What is exported is sent when this returns."""
    with running_gateway(folder, policy_text(backend.url, tenant=TENANT), environ=environ, **options) as gateway:
        ids = {
            "plain": ask(gateway, SENTENCE, headers=CALLER),
            "stream": ask(gateway, SENTENCE, stream=True),
            "blocked": ask(gateway, f"AKIAIOSFODNN7EXAMPLE {SENTENCE}"),
            "stranger": ask(gateway, SENTENCE, headers={"authorization": f"Bearer {MAIL}"}),
        }
        assert gateway.http.get("/models").status_code == 200
        assert gateway.http.get(f"/{MAIL}?name={NAME}").status_code == 404
        records = {record.call_id: record for record in gateway.records(len(ids))}
    assert set(records) == set(ids.values())
    return {kind: records[call_id] for kind, call_id in ids.items()}


def ask(gateway: RunningGateway, text: str, *, stream: bool = False, headers: dict[str, str] | None = None) -> str:
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}], "stream": stream, "user": NAME}
    return str(gateway.http.post("/chat/completions", json=body, headers=headers).headers["x-request-id"])


def otlp(endpoint: str) -> dict[str, str]:
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}


def of_call(received: Received, call_id: str) -> tuple[Span, list[Span]]:
    """The span of an exchange, and those of its calls to a backend."""
    named = [span for span in received.spans if attributes(span).get("gateway.call_id") == call_id]
    (server,) = (span for span in named if span.kind == Span.SPAN_KIND_SERVER)
    return server, [span for span in named if span.kind == Span.SPAN_KIND_CLIENT]


async def test_one_call_id_joins_everything_and_no_value_is_in_it(
    tmp_path: Path, backend: ScriptedBackend, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    async with receiving() as received:
        options = {"access_log": "stdout", "decision_log": "stdout", "tracestate_keys": "congo"}
        records = await asyncio.to_thread(talk, tmp_path, backend, otlp(received.endpoint), **options)
        await received.until(lambda: len(received.logs) >= 9 and len(received.spans) >= 26 and received.measured(LAST_METRIC))
    access = {attributes(log)["gateway.call_id"]: log for log in received.logs if is_access_of_exchange(log)}
    decisions = {attributes(log)["gateway.call_id"]: log for log in received.logs if log.event_name == "gateway.decision"}
    assert set(access) == {record.call_id for record in records.values()}
    assert set(decisions) == set(access) - {records["stranger"].call_id}
    for record in records.values():
        server, _ = of_call(received, record.call_id)
        assert record.trace_id == server.trace_id.hex()
        for log in (access[record.call_id], decisions.get(record.call_id, access[record.call_id])):
            assert (log.trace_id, log.span_id) == (server.trace_id, server.span_id)
        assert attributes(access[record.call_id])["gateway.outcome"] == attributes(server)["gateway.outcome"] == record.outcome

    # The backend was told of our client span, in the caller's trace, and of the one member of its state that may pass.
    server, (client,) = of_call(received, records["plain"].call_id)
    assert (server.trace_id.hex(), server.parent_span_id.hex(), client.trace_id) == (TRACE, PARENT, server.trace_id)
    assert backend.received[0].headers["traceparent"] == f"00-{TRACE}-{client.span_id.hex()}-01"
    assert backend.received[0].headers["tracestate"] == "congo=t61"
    assert not any("baggage" in request.headers for request in backend.received)
    assert len(backend.received) == 2
    assert attributes(client)["server.port"] == backend.port
    assert of_call(received, records["blocked"].call_id)[1] == []

    denial = attributes(decisions[records["blocked"].call_id])
    assert (denial["gateway.policy.allow"], denial["gateway.findings.by_entity"].get("SECRET")) == (True, 1)
    assert received.points("gateway.exchanges") == {
        ("completed", "chat/completions", "acme"): 2,
        ("denied", "chat/completions", "acme"): 1,
        ("denied", "chat/completions"): 1,
    }
    assert received.points("gen_ai.client.operation.time_to_first_chunk") == {("chat", "openai", MODEL): 1}
    assert sum(received.points("gateway.findings").values()) == sum(
        found.count for record in records.values() for found in record.findings
    )

    printed = capfdbinary.readouterr().out
    lines = [json.loads(line) for line in printed.splitlines()]
    assert {line["call_id"] for line in lines if line["log"] == "gateway.decision"} == set(decisions)
    others = {line.get("http_route"): line["http_response_status_code"] for line in lines if is_access_of_another(line)}
    assert others == {"/v1/models": 200, None: 404}
    for raw in (received.raw, printed, backend.wire_bytes):
        assert_clean(raw)
        assert b"AKIAIOSFODNN7EXAMPLE" not in raw
    assert PHONE not in repr(records)


def is_access_of_exchange(log: Any) -> bool:
    return bool(log.event_name == "gateway.access" and "gateway.surface" in attributes(log))


def is_access_of_another(line: dict[str, Any]) -> bool:
    return line["log"] == "gateway.access" and "surface" not in line


async def test_what_is_not_sampled_is_on_record_and_in_the_logs(
    tmp_path: Path, backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    async with receiving() as received:
        records = await asyncio.to_thread(talk, tmp_path, backend, otlp(received.endpoint))
        await received.until(lambda: len(received.logs) >= 9 and received.measured(LAST_METRIC))
    assert received.spans == []
    assert sum(received.points("gateway.exchanges").values()) == len(records) == 4
    assert backend.received[0].headers["traceparent"].startswith(f"00-{TRACE}-")
    assert backend.received[0].headers["traceparent"].endswith("-00")
    assert records["plain"].trace_id == TRACE


async def test_without_telemetry_the_callers_trace_is_passed_through(tmp_path: Path, backend: ScriptedBackend) -> None:
    records = await asyncio.to_thread(talk, tmp_path, backend, {})
    assert [request.headers.get("traceparent") for request in backend.received] == [CALLER["traceparent"], None]
    assert not any({"tracestate", "baggage"} & set(request.headers) for request in backend.received)
    assert (records["plain"].trace_id, records["stream"].trace_id) == (TRACE, None)


@pytest.fixture(params=["hangs", "fails"])
def trouble(request: pytest.FixtureRequest) -> Iterator[str]:
    """What is where a receiver should be. One that is not there at all is met in the tests of each signal."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        if request.param == "fails":
            threading.Thread(target=_fail, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _fail(server: socket.socket) -> None:
    """Answers everything with 500 until the socket closes."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


async def test_a_receiver_in_trouble_costs_what_it_did_not_take_and_no_request(
    tmp_path: Path, backend: ScriptedBackend, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"MAX_QUEUE_SIZE": "10", "MAX_EXPORT_BATCH_SIZE": "5", "SCHEDULE_DELAY": "20"}.items():
        monkeypatch.setenv(f"OTEL_BSP_{name}", value)
        monkeypatch.setenv(f"OTEL_BLRP_{name}", value)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.3")
    async with receiving() as received:
        environ = otlp(trouble) | {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"{received.endpoint}/v1/metrics"}
        records = await asyncio.to_thread(talk, tmp_path, backend, environ)
        await received.until(lambda: received.measured("gateway.telemetry.lost"))
    assert [records[kind].outcome for kind in ("plain", "stream", "blocked", "stranger")] == [
        "completed",
        "completed",
        "denied",
        "denied",
    ]
    lost = received.points("gateway.telemetry.lost")
    assert {signal for _, signal in lost} == {"traces", "logs"}
    assert all(count > 0 for count in lost.values())
