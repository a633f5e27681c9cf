"""Tracing is off unless an OTEL_* setting turns it on, and then exports what they say, where they say."""

from __future__ import annotations

import threading

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from gateway.telemetry.losses import EXPORT_FAILED, Losses
from gateway.telemetry.otel_settings import Signal
from gateway.telemetry.tracing import TracingConfigurationError, configure_tracing
from tests.support.calls import closed_port
from tests.support.otlp import Collector, Export


def attribute(export: Export, name: str) -> str:
    resource = ExportTraceServiceRequest.FromString(export.body).resource_spans[0].resource
    values: dict[str, str] = {pair.key: pair.value.string_value for pair in resource.attributes}
    return values[name]


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
def test_spans_go_where_the_settings_say(collector: Collector, environ: dict[str, str], path: str) -> None:
    settings = {name: value.format(url=collector.endpoint) for name, value in environ.items()}
    tracing = configure_tracing(settings | {"OTEL_EXPORTER_OTLP_HEADERS": "x-team=privacy,x-key=a%20b"})
    assert tracing.enabled
    tracing.tracer.start_span("x").end()
    tracing.shutdown()
    (export,) = collector.exports
    assert export.path == path
    assert (export.headers["x-team"], export.headers["x-key"]) == ("privacy", "a b")
    assert attribute(export, "service.name") == "privacy-gateway"


def test_a_service_name_of_the_operators_own(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
    for environ in (endpoint | {"OTEL_SERVICE_NAME": "edge"}, endpoint):
        tracing = configure_tracing(environ)
        tracing.tracer.start_span("x").end()
        tracing.shutdown()
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=listed,deployment.environment=test")
    assert [attribute(export, "service.name") for export in collector.exports] == ["edge", "listed"]
    assert attribute(collector.exports[1], "deployment.environment") == "test"


def test_the_console_exporter(capsys: pytest.CaptureFixture[str]) -> None:
    tracing = configure_tracing({"OTEL_TRACES_EXPORTER": "console"})
    tracing.tracer.start_span("on the console").end()
    tracing.shutdown()
    assert "on the console" in capsys.readouterr().out


def test_nothing_global_is_set(collector: Collector) -> None:
    before = trace.get_tracer_provider()
    configure_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}).shutdown()
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
