"""What the standard `OTEL_*` settings say of a signal: which exporters, where to, and under what name.

Read here, for TRACES, METRICS and LOGS alike: OTEL_SDK_DISABLED, OTEL_<SIGNAL>_EXPORTER (`otlp`, `console`, `none`, or
several), OTEL_SERVICE_NAME, and OTEL_EXPORTER_OTLP_{ENDPOINT,HEADERS,PROTOCOL} with their forms for one signal. The SDK
itself reads the others from the process environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.util.re import parse_env_headers

_SERVICE = "privacy-gateway"
_PROTOCOL = "http/protobuf"
_NONE = "none"


class TelemetryConfigurationError(ValueError):
    """An OTEL_* setting that we cannot honour. The text names the setting and what it may be."""


class Signal(StrEnum):
    """What is exported; the last part of its OTLP path."""

    TRACES = "traces"
    METRICS = "metrics"
    LOGS = "logs"


class ExporterKind(StrEnum):
    OTLP = "otlp"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class OtlpTarget:
    """Where an OTLP exporter sends; headers often hold a key. No endpoint leaves the SDK's default, on this machine."""

    endpoint: str | None
    headers: Mapping[str, str] = field(repr=False)


def exporter_kinds(environ: Mapping[str, str], signal: Signal) -> tuple[ExporterKind, ...]:
    """The exporters asked for, each once; none unless a setting asks. Raises TelemetryConfigurationError."""
    if _setting(environ, "OTEL_SDK_DISABLED").lower() == "true":
        return ()
    variable = f"OTEL_{signal.upper()}_EXPORTER"
    default = ExporterKind.OTLP if _endpoint(environ, signal) else _NONE
    names = [name.strip() for name in (_setting(environ, variable) or default).split(",")]
    if not {*ExporterKind, _NONE}.issuperset(names):
        raise TelemetryConfigurationError(f"{variable} may be otlp, console, none, or several with commas")
    return tuple(ExporterKind(name) for name in dict.fromkeys(names) if name != _NONE)


def otlp_target(environ: Mapping[str, str], signal: Signal) -> OtlpTarget:
    """Raises TelemetryConfigurationError for a protocol other than ours."""
    own = f"OTEL_EXPORTER_OTLP_{signal.upper()}"
    protocol = _setting(environ, f"{own}_PROTOCOL") or _setting(environ, "OTEL_EXPORTER_OTLP_PROTOCOL") or _PROTOCOL
    if protocol != _PROTOCOL:
        raise TelemetryConfigurationError(f"OTEL_EXPORTER_OTLP_PROTOCOL and {own}_PROTOCOL may only be {_PROTOCOL}")
    headers = _setting(environ, f"{own}_HEADERS") or _setting(environ, "OTEL_EXPORTER_OTLP_HEADERS")
    return OtlpTarget(_endpoint(environ, signal), parse_env_headers(headers, liberal=True))


def resource_of(environ: Mapping[str, str]) -> Resource:
    """Our service name, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES gives another."""
    named = _setting(environ, "OTEL_SERVICE_NAME")
    inherited = str(Resource.create().attributes.get(SERVICE_NAME, ""))
    default = _SERVICE if inherited.startswith("unknown_service") else inherited
    return _Hashed.of(Resource.create({SERVICE_NAME: named or default}))


class _Hashed(Resource):
    """A resource whose hash is made once: the exporter asks for that of each span, and the SDK writes JSON to make it."""

    _known: int | None = None

    @classmethod
    def of(cls, resource: Resource) -> _Hashed:
        return cls(resource.attributes, resource.schema_url)

    def __hash__(self) -> int:
        if self._known is None:
            self._known = super().__hash__()
        return self._known


def _endpoint(environ: Mapping[str, str], signal: Signal) -> str | None:
    """The full URL: a signal's own is taken as it stands, the common one is extended by the signal's path."""
    if own := _setting(environ, f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT"):
        return own
    base = _setting(environ, "OTEL_EXPORTER_OTLP_ENDPOINT")
    return f"{base.removesuffix('/')}/v1/{signal}" if base else None


def _setting(environ: Mapping[str, str], name: str) -> str:
    """A setting; the specification treats an empty one as unset."""
    return environ.get(name, "").strip()
