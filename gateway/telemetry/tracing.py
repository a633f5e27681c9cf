"""Turns tracing on by the standard `OTEL_*` settings; without one of them there is no exporter, no thread and no span.

Read here: OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER (`otlp`, `console`, `none`, or several), OTEL_SERVICE_NAME, and
OTEL_EXPORTER_OTLP_{ENDPOINT,HEADERS,PROTOCOL} with their TRACES_ forms. The SDK itself reads the others (sampler,
batches, limits, time-outs, certificates, OTEL_RESOURCE_ATTRIBUTES) from the process environment. No global provider is
set.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace import NoOpTracer, Tracer
from opentelemetry.util.re import parse_env_headers

_SERVICE = "privacy-gateway"
_SCOPE = "gateway"
_PROTOCOL = "http/protobuf"


class TracingConfigurationError(ValueError):
    """An OTEL_* setting that we cannot honour. The text names the setting and what it may be."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """A tracer, and how to stop it. `shutdown` sends what waits; it may block for the exporter's time-out."""

    tracer: Tracer
    enabled: bool
    shutdown: Callable[[], None] = field(repr=False)


def configure_tracing(environ: Mapping[str, str]) -> Tracing:
    """Tracing as these settings say, off by default. Raises TracingConfigurationError."""
    exporters = _exporters(environ)
    if not exporters:
        return Tracing(NoOpTracer(), enabled=False, shutdown=_nothing)
    provider = TracerProvider(resource=_resource(environ), shutdown_on_exit=False)
    for exporter in exporters:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracing(provider.get_tracer(_SCOPE), enabled=True, shutdown=provider.shutdown)


def _exporters(environ: Mapping[str, str]) -> list[SpanExporter]:
    if _setting(environ, "OTEL_SDK_DISABLED").lower() == "true":
        return []
    default = "otlp" if _endpoint(environ) else "none"
    names = [name.strip() for name in (_setting(environ, "OTEL_TRACES_EXPORTER") or default).split(",")]
    if not {"otlp", "console", "none"}.issuperset(names):
        raise TracingConfigurationError("OTEL_TRACES_EXPORTER may be otlp, console, none, or several with commas")
    makers: dict[str, Callable[[], SpanExporter]] = {
        "otlp": lambda: _otlp(environ),
        "console": lambda: ConsoleSpanExporter(out=sys.stdout),
    }
    return [makers[name]() for name in dict.fromkeys(names) if name != "none"]


def _otlp(environ: Mapping[str, str]) -> SpanExporter:
    protocol = _either(environ, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") or _PROTOCOL
    if protocol != _PROTOCOL:
        raise TracingConfigurationError(
            f"OTEL_EXPORTER_OTLP_PROTOCOL and OTEL_EXPORTER_OTLP_TRACES_PROTOCOL may only be {_PROTOCOL}"
        )
    headers = _either(environ, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
    return OTLPSpanExporter(endpoint=_endpoint(environ), headers=parse_env_headers(headers, liberal=True))


def _endpoint(environ: Mapping[str, str]) -> str | None:
    """The full URL; None leaves the SDK's default, http://localhost:4318/v1/traces."""
    if own := _setting(environ, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        return own
    base = _setting(environ, "OTEL_EXPORTER_OTLP_ENDPOINT")
    return f"{base.removesuffix('/')}/v1/traces" if base else None


def _resource(environ: Mapping[str, str]) -> Resource:
    """Our service name, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES gives another."""
    named = _setting(environ, "OTEL_SERVICE_NAME")
    inherited = str(Resource.create().attributes.get(SERVICE_NAME, ""))
    default = _SERVICE if inherited.startswith("unknown_service") else inherited
    return Resource.create({SERVICE_NAME: named or default})


def _either(environ: Mapping[str, str], first: str, second: str) -> str:
    return _setting(environ, first) or _setting(environ, second)


def _setting(environ: Mapping[str, str], name: str) -> str:
    """A setting; the specification treats an empty one as unset."""
    return environ.get(name, "").strip()


def _nothing() -> None:
    """There is nothing to stop."""
