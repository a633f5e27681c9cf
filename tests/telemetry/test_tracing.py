"""Tracing is off unless an OTEL_* setting turns it on, and then exports what they say, where they say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from gateway.telemetry.losses import EXPORT_FAILED, Losses
from gateway.telemetry.otel_settings import Signal
from gateway.telemetry.tracing import TracingConfigurationError, configure_tracing
from tests.support.calls import closed_port


class Received(ThreadingHTTPServer):
    """An OTLP/HTTP endpoint that keeps each request as it came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Received)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def receiver() -> Iterator[Received]:
    server = Received()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        {"OTEL_TRACES_EXPORTER": "", "OTEL_EXPORTER_OTLP_ENDPOINT": " "},
        {"OTEL_SDK_DISABLED": "TRUE", "OTEL_TRACES_EXPORTER": "otlp"},
        {"OTEL_SERVICE_NAME": "mine", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
)
def test_off_without_a_thread(environ: dict[str, str]) -> None:
    threads = set(threading.enumerate())
    tracing = configure_tracing(environ)
    with tracing.tracer.start_as_current_span("x") as span:
        assert not span.is_recording()
    assert not tracing.enabled
    assert set(threading.enumerate()) == threads
    tracing.shutdown()


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL"),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json",
            },
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        ),
    ],
)
def test_a_setting_that_cannot_be_honoured_stops_the_start(environ: dict[str, str], name: str) -> None:
    with pytest.raises(TracingConfigurationError, match=name):
        configure_tracing(environ)


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{url}"}, "/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{url}/base/"}, "/base/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://nowhere", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "{url}/own"}, "/own"),
    ],
)
def test_spans_go_where_the_settings_say(receiver: Received, environ: dict[str, str], path: str) -> None:
    settings = {name: value.format(url=receiver.url) for name, value in environ.items()}
    tracing = configure_tracing(settings | {"OTEL_EXPORTER_OTLP_HEADERS": "x-team=privacy,x-key=a%20b"})
    assert tracing.enabled
    tracing.tracer.start_span("x").end()
    tracing.shutdown()
    ((got_path, headers, body),) = receiver.requests
    assert got_path == path
    assert (headers["x-team"], headers["x-key"]) == ("privacy", "a b")
    assert attribute(body, "service.name") == "privacy-gateway"


def attribute(body: bytes, name: str) -> str:
    resource = ExportTraceServiceRequest.FromString(body).resource_spans[0].resource
    values: dict[str, str] = {pair.key: pair.value.string_value for pair in resource.attributes}
    return values[name]


def test_a_service_name_of_the_operators_own(receiver: Received, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
    for environ in (endpoint | {"OTEL_SERVICE_NAME": "edge"}, endpoint):
        tracing = configure_tracing(environ)
        tracing.tracer.start_span("x").end()
        tracing.shutdown()
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=listed,deployment.environment=test")
    assert [attribute(body, "service.name") for _, _, body in receiver.requests] == ["edge", "listed"]
    assert attribute(receiver.requests[1][2], "deployment.environment") == "test"


def test_the_console_exporter(capsys: pytest.CaptureFixture[str]) -> None:
    tracing = configure_tracing({"OTEL_TRACES_EXPORTER": "console"})
    tracing.tracer.start_span("on the console").end()
    tracing.shutdown()
    assert "on the console" in capsys.readouterr().out


def test_nothing_global_is_set(receiver: Received) -> None:
    before = trace.get_tracer_provider()
    configure_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}).shutdown()
    assert trace.get_tracer_provider() is before
    with trace.get_tracer("other").start_as_current_span("x") as span:
        assert not span.is_recording()


@pytest.mark.parametrize("host", [f"127.0.0.1:{closed_port()}", "collector.invalid:4318"], ids=["refuses", "unknown"])
def test_a_receiver_that_is_not_there_is_counted(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    losses = Losses()
    tracing = configure_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{host}"}, losses)
    tracing.tracer.start_span("x").end()
    tracing.shutdown()
    assert losses.counts() == {(Signal.TRACES, EXPORT_FAILED): 1}
