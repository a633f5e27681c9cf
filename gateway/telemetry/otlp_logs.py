"""Log lines and diagnostics as OTLP log records.

Diagnostics are what our own modules say by `logging` under the name `gateway`: texts that we wrote ourselves. Nothing of other
libraries goes out, since theirs may quote what they were given, and of an exception only its type does, for the same reason.
"""

from __future__ import annotations

import logging
from time import time_ns

from opentelemetry._logs import Logger as OtelLogger
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.trace import NonRecordingSpan, set_span_in_context

from gateway.telemetry.attributes import EXCEPTION_TYPE
from gateway.telemetry.lines import Line, LogName
from gateway.telemetry.losses import EXPORT_FAILED, Losses
from gateway.telemetry.otel_settings import Signal

OURS = "gateway"
_MOST_SEVERE = 24


class OtlpLines:
    """Emits lines, each under the name of its log, with the ids of the exchange's span."""

    def __init__(self, provider: LoggerProvider) -> None:
        self._loggers = {log: provider.get_logger(log.value) for log in LogName}

    def write(self, line: Line) -> None:
        """Queue a line; never waits."""
        self._loggers[line.log].emit(
            LogRecord(
                timestamp=time_ns(),
                context=set_span_in_context(NonRecordingSpan(line.span), Context()),
                severity_number=SeverityNumber.INFO,
                severity_text="INFO",
                event_name=line.log.value,
                attributes=dict(line.said),
            )
        )


class Diagnostics(logging.Handler):
    """Sends what our modules log. Attached to the logger `gateway`; inside a stage it carries the ids of the stage's span."""

    def __init__(self, provider: LoggerProvider, losses: Losses) -> None:
        super().__init__()
        self._provider = provider
        self._losses = losses

    def emit(self, record: logging.LogRecord) -> None:
        """Never fails: what cannot be written is counted."""
        try:
            self._logger(record.name).emit(_diagnostic(record))
        except Exception:  # noqa: BLE001  (a message that does not fit its arguments must not fail a request)
            self._losses.lost(Signal.LOGS, EXPORT_FAILED)

    def _logger(self, name: str) -> OtelLogger:
        return self._provider.get_logger(name)


def _diagnostic(record: logging.LogRecord) -> LogRecord:
    kind = record.exc_info[0] if record.exc_info else None
    return LogRecord(
        timestamp=int(record.created * 1e9),
        severity_number=SeverityNumber(min(max(record.levelno // 10 * 4 + 1, 1), _MOST_SEVERE)),
        severity_text=record.levelname,
        body=record.getMessage(),
        attributes={EXCEPTION_TYPE: kind.__name__} if kind else None,
    )
