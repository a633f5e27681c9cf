"""Bounded queues in front of exporters, each emptied by a thread of its own.

Ending a span or writing a log line is an append to a queue and never I/O: an exporter that is slow, down or hanging fills
its queue (OTEL_BSP_MAX_QUEUE_SIZE and OTEL_BLRP_MAX_QUEUE_SIZE, 2,048 each), and then the oldest are dropped and counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from gateway.telemetry.losses import EXPORT_FAILED, QUEUE_FULL, Losses
from gateway.telemetry.otel_settings import Signal, TelemetryConfigurationError

_SHUTDOWN_S = 5.0
_SIZES = "sizes and delays must be above 0, and a batch no larger than the queue"


def span_queue(exporter: SpanExporter, losses: Losses) -> BatchSpanProcessor:
    """Raises TelemetryConfigurationError where the OTEL_BSP_* settings contradict each other."""
    try:
        return _SpanQueue(_CountedSpans(exporter, losses), losses)
    except ValueError:
        raise TelemetryConfigurationError(
            "OTEL_BSP_*: sizes and delays are above 0, a batch no larger than the queue"
        ) from None


def log_queue(exporter: LogRecordExporter, losses: Losses) -> BatchLogRecordProcessor:
    """Raises TelemetryConfigurationError where the OTEL_BLRP_* settings contradict each other."""
    try:
        return _LogQueue(_CountedLogs(exporter, losses), losses)
    except ValueError:
        raise TelemetryConfigurationError(
            "OTEL_BLRP_*: sizes and delays are above 0, a batch no larger than the queue"
        ) from None


def bounded(*shutdowns: Callable[[], None], within_s: float = _SHUTDOWN_S) -> Callable[[], None]:
    """Shutdowns at once, each left behind if it has not ended after `within_s` seconds; their threads keep no process."""

    def stop() -> None:
        ends_at = time.monotonic() + within_s
        stopping = [threading.Thread(target=one, name="telemetry-shutdown", daemon=True) for one in shutdowns]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join(max(0.0, ends_at - time.monotonic()))

    return stop


class _Dropped:
    """Hears from the SDK's queue what it dropped. The SDK's own metrics would say so too, at the cost of three more counts
    for each span (OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED)."""

    def __init__(self, losses: Losses, signal: Signal) -> None:
        self._losses = losses
        self._signal = signal

    def register_queue_size(self, get_queue_size: Callable[[], int]) -> None:
        """Only drops are of interest."""

    def drop_items(self, count: int, error_type: str = QUEUE_FULL) -> None:
        self._losses.lost(self._signal, error_type, count)

    def finish_items(self, count: int) -> None:
        """Only drops are of interest."""


class _SpanQueue(BatchSpanProcessor):
    def __init__(self, exporter: SpanExporter, losses: Losses) -> None:
        super().__init__(exporter)
        self._batch_processor._metrics = _Dropped(losses, Signal.TRACES)


class _LogQueue(BatchLogRecordProcessor):
    def __init__(self, exporter: LogRecordExporter, losses: Losses) -> None:
        super().__init__(exporter)
        self._batch_processor._metrics = _Dropped(losses, Signal.LOGS)


class _CountedSpans(SpanExporter):
    """The exporter, and a count of what it gave up. The SDK keeps a failed batch no longer than the exporter's time-out."""

    def __init__(self, exporter: SpanExporter, losses: Losses) -> None:
        self._exporter = exporter
        self._losses = losses

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._losses.lost(Signal.TRACES, EXPORT_FAILED, len(spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


class _CountedLogs(LogRecordExporter):
    """The same for log records."""

    def __init__(self, exporter: LogRecordExporter, losses: Losses) -> None:
        self._exporter = exporter
        self._losses = losses

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        result = self._exporter.export(batch)
        if result is not LogRecordExportResult.SUCCESS:
            self._losses.lost(Signal.LOGS, EXPORT_FAILED, len(batch))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)
