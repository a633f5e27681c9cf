"""Turns logs on: lines of JSON by the gateway's own settings, OTLP by the standard `OTEL_*` ones. Off by default.

No global provider is set. While OTLP logs are on, a handler stands at the logger `gateway`, until `shutdown`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import ConsoleLogRecordExporter, LogRecordExporter

from gateway.telemetry.call_logs import CallLogs, Write
from gateway.telemetry.line_writer import LineWriter
from gateway.telemetry.losses import Losses
from gateway.telemetry.otel_settings import ExporterKind, Signal, exporter_kinds, otlp_target, resource_of
from gateway.telemetry.otlp_logs import OURS, Diagnostics, OtlpLines
from gateway.telemetry.queues import bounded, log_queue

Output = Literal["off", "stdout", "stderr"]


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of calls, and how to stop them. `shutdown` writes and sends what waits, for some seconds at most."""

    calls: CallLogs
    shutdown: Callable[[], None] = field(repr=False)


def configure_logs(environ: Mapping[str, str], losses: Losses, *, access: Output = "off", decision: Output = "off") -> Logs:
    """Logs as these settings say; what cannot be delivered is counted in `losses`. Raises TelemetryConfigurationError."""
    provider = _provider(environ, losses)
    writers = {output: LineWriter(_stream(output), losses) for output in {access, decision} if output != "off"}
    sent: list[Write] = [] if provider is None else [OtlpLines(provider).write]
    calls = CallLogs(
        access=[*sent, *(writer.write for output, writer in writers.items() if output == access)],
        decision=[*sent, *(writer.write for output, writer in writers.items() if output == decision)],
    )
    stops = [writer.close for writer in writers.values()]
    if provider is not None:
        stops.append(_attached(provider, losses))
    return Logs(calls, bounded(*stops))


def _provider(environ: Mapping[str, str], losses: Losses) -> LoggerProvider | None:
    exporters = [_exporter(kind, environ) for kind in exporter_kinds(environ, Signal.LOGS)]
    if not exporters:
        return None
    provider = LoggerProvider(resource=resource_of(environ), shutdown_on_exit=False)
    for exporter in exporters:
        provider.add_log_record_processor(log_queue(exporter, losses))
    return provider


def _exporter(kind: ExporterKind, environ: Mapping[str, str]) -> LogRecordExporter:
    if kind is ExporterKind.CONSOLE:
        return ConsoleLogRecordExporter(out=sys.stdout)
    target = otlp_target(environ, Signal.LOGS)
    return OTLPLogExporter(endpoint=target.endpoint, headers=target.headers)


def _attached(provider: LoggerProvider, losses: Losses) -> Callable[[], None]:
    """Sends our diagnostics from now on; returns what ends that and empties the queue."""
    ours, handler = logging.getLogger(OURS), Diagnostics(provider, losses)
    ours.addHandler(handler)

    def detach() -> None:
        ours.removeHandler(handler)
        provider.shutdown()

    return detach


def _stream(output: Output) -> BinaryIO:
    return sys.stderr.buffer if output == "stderr" else sys.stdout.buffer
