"""Whether metrics are exported, and where to, as the settings of OpenTelemetry say."""

from __future__ import annotations

import threading

import pytest
from opentelemetry import metrics as api
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from gateway.policy.status import PolicyEvent, ReloadOutcome
from gateway.telemetry.metrics import configure_metrics
from gateway.telemetry.otel_settings import TelemetryConfigurationError
from tests.support.otlp import Collector, Export
from tests.telemetry.test_metrics import RECORD, STATUS


def service_of(export: Export) -> str:
    resource = ExportMetricsServiceRequest.FromString(export.body).resource_metrics[0].resource
    return {pair.key: str(pair.value.string_value) for pair in resource.attributes}["service.name"]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        {"OTEL_METRICS_EXPORTER": "", "OTEL_EXPORTER_OTLP_ENDPOINT": " "},
        {"OTEL_SDK_DISABLED": "TRUE", "OTEL_METRICS_EXPORTER": "otlp"},
        {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1"},
    ],
)
def test_off_without_a_thread(environ: dict[str, str]) -> None:
    threads = set(threading.enumerate())
    metrics = configure_metrics(environ)
    metrics.watch_policy(lambda: STATUS)
    metrics.policy_event(PolicyEvent(outcome=ReloadOutcome.APPLIED, version="b", previous="a", problems=0, summary=""))
    metrics.measure(RECORD)
    assert not metrics.enabled
    assert set(threading.enumerate()) == threads
    metrics.shutdown()


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"OTEL_METRICS_EXPORTER": "prometheus"}, "OTEL_METRICS_EXPORTER"),
        ({"OTEL_METRICS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL"),
        (
            {"OTEL_METRICS_EXPORTER": "console,otlp", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/json"},
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
        ),
    ],
)
def test_a_setting_that_cannot_be_honoured_stops_the_start(environ: dict[str, str], name: str) -> None:
    threads = set(threading.enumerate())
    with pytest.raises(TelemetryConfigurationError, match=name):
        configure_metrics(environ)
    assert set(threading.enumerate()) == threads


def test_an_interval_of_nothing_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "0")
    with pytest.raises(TelemetryConfigurationError, match="OTEL_METRIC_EXPORT_INTERVAL"):
        configure_metrics({"OTEL_METRICS_EXPORTER": "console"})


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{url}"}, "/v1/metrics"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{url}/base/"}, "/base/v1/metrics"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://nowhere", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "{url}/own"}, "/own"),
    ],
)
def test_metrics_go_where_the_settings_say(collector: Collector, environ: dict[str, str], path: str) -> None:
    settings = {name: value.format(url=collector.endpoint) for name, value in environ.items()}
    metrics = configure_metrics(settings | {"OTEL_EXPORTER_OTLP_HEADERS": "x-team=privacy,x-key=a%20b"})
    assert metrics.enabled
    metrics.measure(RECORD)
    metrics.shutdown()
    (export,) = collector.exports
    assert export.path == path
    assert (export.headers["x-team"], export.headers["x-key"]) == ("privacy", "a b")
    assert service_of(export) == "privacy-gateway"


def test_the_console_exporter(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = configure_metrics({"OTEL_METRICS_EXPORTER": "console", "OTEL_SERVICE_NAME": "edge"})
    metrics.measure(RECORD)
    metrics.shutdown()
    printed = capsys.readouterr().out
    assert "gateway.exchanges" in printed
    assert '"edge"' in printed


def test_nothing_global_is_set(collector: Collector) -> None:
    before = api.get_meter_provider()
    configure_metrics({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}).shutdown()
    assert api.get_meter_provider() is before
