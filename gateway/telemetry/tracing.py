"""Turns tracing on by the standard `OTEL_*` settings; without one of them there is no exporter, no thread and no span.

Which settings are read is said in `otel_settings`; the sampler, batches, limits, time-outs, certificates and
OTEL_RESOURCE_ATTRIBUTES the SDK reads from the process environment. No global provider is set.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter
from opentelemetry.trace import NoOpTracer, Tracer

from gateway.telemetry.losses import Losses
from gateway.telemetry.otel_settings import (
    ExporterKind,
    Signal,
    TelemetryConfigurationError,
    exporter_kinds,
    otlp_target,
    resource_of,
)
from gateway.telemetry.otlp_spans import SpanSender
from gateway.telemetry.queues import bounded, span_queue

_SCOPE = "gateway"

TracingConfigurationError = TelemetryConfigurationError
"""One error for all signals, so that whoever starts the gateway has one to catch."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """A tracer, and how to stop it. `shutdown` sends what waits, for some seconds at most."""

    tracer: Tracer
    enabled: bool
    shutdown: Callable[[], None] = field(repr=False)


def configure_tracing(environ: Mapping[str, str], losses: Losses | None = None) -> Tracing:
    """Tracing as these settings say, off by default; what cannot be delivered is counted in `losses`.

    Raises TracingConfigurationError.
    """
    exporters = [_exporter(kind, environ) for kind in exporter_kinds(environ, Signal.TRACES)]
    if not exporters:
        return Tracing(NoOpTracer(), enabled=False, shutdown=_nothing)
    provider = TracerProvider(resource=resource_of(environ), shutdown_on_exit=False)
    for exporter in exporters:
        provider.add_span_processor(span_queue(exporter, losses or Losses()))
    return Tracing(provider.get_tracer(_SCOPE), enabled=True, shutdown=bounded(provider.shutdown))


def _exporter(kind: ExporterKind, environ: Mapping[str, str]) -> SpanExporter:
    if kind is ExporterKind.CONSOLE:
        return ConsoleSpanExporter(out=sys.stdout)
    target = otlp_target(environ, Signal.TRACES)
    return SpanSender(endpoint=target.endpoint, headers=target.headers)


def _nothing() -> None:
    """There is nothing to stop."""
