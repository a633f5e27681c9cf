"""Turns metrics on by the standard `OTEL_*` settings; without one of them there is no exporter, no thread and no count.

Which settings are read is said in `otel_settings`; the interval, time-outs, temporality and certificates the SDK reads
from the process environment. No global provider is set. More than 2,000 series of one instrument are the SDK's limit: what
goes beyond is summed up under `otel.metric.overflow`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricExporter, PeriodicExportingMetricReader

from gateway.telemetry.instruments import Metrics
from gateway.telemetry.otel_settings import (
    ExporterKind,
    Signal,
    TelemetryConfigurationError,
    exporter_kinds,
    otlp_target,
    resource_of,
)
from gateway.telemetry.queues import bounded

_SCOPE = "gateway"


def configure_metrics(environ: Mapping[str, str]) -> Metrics:
    """Metrics as these settings say, off by default. Raises TelemetryConfigurationError."""
    exporters = [_exporter(kind, environ) for kind in exporter_kinds(environ, Signal.METRICS)]
    if not exporters:
        return Metrics(NoOpMeter(_SCOPE), enabled=False, shutdown=_nothing)
    provider = MeterProvider(
        [_reader(exporter) for exporter in exporters],
        resource=resource_of(environ),
        exemplar_filter=AlwaysOffExemplarFilter(),  # an exchange is measured when it has ended, outside of any span
        shutdown_on_exit=False,
    )
    return Metrics(provider.get_meter(_SCOPE), enabled=True, shutdown=bounded(provider.shutdown))


def _exporter(kind: ExporterKind, environ: Mapping[str, str]) -> MetricExporter:
    if kind is ExporterKind.CONSOLE:
        return ConsoleMetricExporter(out=sys.stdout)
    target = otlp_target(environ, Signal.METRICS)
    return OTLPMetricExporter(endpoint=target.endpoint, headers=target.headers)


def _reader(exporter: MetricExporter) -> PeriodicExportingMetricReader:
    try:
        return PeriodicExportingMetricReader(exporter)
    except ValueError:
        raise TelemetryConfigurationError("OTEL_METRIC_EXPORT_INTERVAL may be any number of milliseconds above 0") from None


def _nothing() -> None:
    """There is nothing to stop."""
