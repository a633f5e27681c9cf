"""Turns metrics on by the standard `OTEL_*` settings; without one of them there is no exporter, no thread and no count.

Which settings are read is said in `otel_settings`; the interval, time-outs, temporality and certificates the SDK reads
from the process environment. No global provider is set. More than 2,000 series of one instrument are the SDK's limit: what
goes beyond is summed up under `otel.metric.overflow`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import CallbackOptions, Meter, NoOpMeter, Observation
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricExporter, PeriodicExportingMetricReader

from gateway.audit.event import ExchangeRecord
from gateway.policy.status import PolicyEvent, PolicyStatus
from gateway.telemetry.attributes import (
    EXCHANGES_METRIC,
    OPERATION_DURATION_METRIC,
    POLICY_AGE_METRIC,
    POLICY_OUTCOME,
    POLICY_RELOADS_METRIC,
    POLICY_STALE_METRIC,
    TYPE_OF_TOKENS,
    USAGE_METRIC,
    error_label,
    exchange_labels,
    operation_labels,
)
from gateway.telemetry.otel_settings import (
    ExporterKind,
    Signal,
    TelemetryConfigurationError,
    exporter_kinds,
    otlp_target,
    resource_of,
)

_SCOPE = "gateway"

# The bounds that the GenAI conventions ask for: seconds, and tokens.
_SECONDS = tuple(0.01 * 2**step for step in range(14))
_TOKENS = tuple(4**step for step in range(14))


class Metrics:
    """The instruments. Any thread may use them; nothing here fails, reads content or waits, but for `shutdown`, which sends
    what was counted since the last export and may block for the exporter's time-out.
    """

    def __init__(self, meter: Meter, *, enabled: bool, shutdown: Callable[[], None]) -> None:
        self.enabled = enabled
        self.shutdown = shutdown
        self._meter = meter
        self._exchanges = meter.create_counter(EXCHANGES_METRIC, "{exchange}", "Exchanges, by how they ended.")
        self._reloads = meter.create_counter(POLICY_RELOADS_METRIC, "{reload}", "Attempts to replace the policy in force.")
        self._duration = meter.create_histogram(
            OPERATION_DURATION_METRIC, "s", "GenAI operation duration.", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self._usage = meter.create_histogram(
            USAGE_METRIC, "{token}", "Number of input and output tokens used.", explicit_bucket_boundaries_advisory=_TOKENS
        )

    def measure(self, record: ExchangeRecord) -> None:
        """Count an exchange that has ended; call it once for each."""
        if self.enabled:
            self._exchanges.add(1, exchange_labels(record))
            self._measure_operation(record)

    def policy_event(self, event: PolicyEvent) -> None:
        """Count an attempt to replace the policy."""
        self._reloads.add(1, {POLICY_OUTCOME: event.outcome.value})

    def watch_policy(self, status: Callable[[], PolicyStatus]) -> None:
        """Export from now on how the policy in force is. Call it once."""

        def stale(_: CallbackOptions) -> Iterable[Observation]:
            yield Observation(int(status().stale))

        def age(_: CallbackOptions) -> Iterable[Observation]:
            loaded = datetime.fromisoformat(status().loaded_at)
            yield Observation(max(0.0, (datetime.now(UTC) - loaded).total_seconds()))

        self._meter.create_observable_gauge(
            POLICY_STALE_METRIC, [stale], "1", "1 while the policy file is not the policy in force."
        )
        self._meter.create_observable_gauge(POLICY_AGE_METRIC, [age], "s", "Time since the policy in force was loaded.")

    def _measure_operation(self, record: ExchangeRecord) -> None:
        """Only where a backend was to be called: a refusal is no operation of a model, and takes no time of one."""
        began, ended = record.timings_ms.committed, record.timings_ms.total
        if record.deployment is None or began is None or ended is None:
            return
        labels = operation_labels(record)
        self._duration.record(max(0.0, ended - began) / 1000, labels | error_label(record))
        for kind, count in (("input", record.usage.input_tokens), ("output", record.usage.output_tokens)):
            if count is not None:
                self._usage.record(count, labels | {TYPE_OF_TOKENS: kind})


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
    return Metrics(provider.get_meter(_SCOPE), enabled=True, shutdown=provider.shutdown)


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
