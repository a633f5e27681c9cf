"""An exporter in trouble costs what it did not take, and nothing else: no wait, no failure, no memory without bound."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Sequence

import pytest
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from gateway.telemetry.losses import Losses
from gateway.telemetry.otel_settings import Signal, TelemetryConfigurationError
from gateway.telemetry.queues import bounded, log_queue, span_queue


class Hanging(SpanExporter):
    """Takes a batch and does not come back until it is let go."""

    def __init__(self) -> None:
        self.called, self.let_go = threading.Event(), threading.Event()
        self.exported: list[str] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.called.set()
        self.let_go.wait()
        self.exported += [span.name for span in spans]
        return SpanExportResult.SUCCESS


class HangingLogs(LogRecordExporter):
    def __init__(self) -> None:
        self.called, self.let_go = threading.Event(), threading.Event()

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        self.called.set()
        self.let_go.wait()
        return LogRecordExportResult.FAILURE

    def shutdown(self) -> None:
        """Nothing to stop."""

    def force_flush(self, timeout_millis: int = 1) -> bool:
        return True


@pytest.fixture
def small_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_BSP", "OTEL_BLRP"):
        monkeypatch.setenv(f"{name}_MAX_QUEUE_SIZE", "20")
        monkeypatch.setenv(f"{name}_MAX_EXPORT_BATCH_SIZE", "10")
        monkeypatch.setenv(f"{name}_SCHEDULE_DELAY", "60000")


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    exporter = Hanging()
    yield exporter
    exporter.let_go.set()


def waiting_spans() -> int:
    gc.collect()
    return sum(isinstance(one, ReadableSpan) for one in gc.get_objects())


@pytest.mark.usefixtures("small_queues")
def test_a_hanging_exporter_costs_what_does_not_fit_and_it_is_counted(hanging: Hanging) -> None:
    losses, provider = Losses(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(span_queue(hanging, losses))
    tracer, before = provider.get_tracer("test"), waiting_spans()
    for number in range(10):
        tracer.start_span(str(number)).end()
    assert hanging.called.wait(10)
    for number in range(1_000):
        tracer.start_span(str(number)).end()
    assert losses.counts() == {(Signal.TRACES, "queue_full"): 980}
    assert waiting_spans() - before <= 30
    bounded(provider.shutdown, within_s=0.05)()
    assert hanging.exported == []
    hanging.let_go.set()


@pytest.mark.usefixtures("small_queues")
def test_logs_are_bounded_and_counted_alike() -> None:
    losses, provider, exporter = Losses(), LoggerProvider(shutdown_on_exit=False), HangingLogs()
    provider.add_log_record_processor(log_queue(exporter, losses))
    logger = provider.get_logger("test")
    for _ in range(10):
        logger.emit(body="x")
    assert exporter.called.wait(10)
    for _ in range(1_000):
        logger.emit(body="x")
    assert losses.counts() == {(Signal.LOGS, "queue_full"): 980}
    exporter.let_go.set()
    provider.shutdown()
    assert losses.counts() == {(Signal.LOGS, "queue_full"): 980, (Signal.LOGS, "export_failed"): 30}


def test_a_shutdown_that_hangs_is_left_behind_and_the_others_are_not() -> None:
    forever, done = threading.Event(), threading.Event()
    bounded(forever.wait, done.set, within_s=0.05)()  # type: ignore[arg-type]
    assert done.is_set()
    forever.set()


@pytest.mark.parametrize("name", ["OTEL_BSP", "OTEL_BLRP"])
def test_sizes_that_contradict_each_other_stop_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{name}_MAX_QUEUE_SIZE", "5")
    monkeypatch.setenv(f"{name}_MAX_EXPORT_BATCH_SIZE", "10")
    with pytest.raises(TelemetryConfigurationError, match=name):
        span_queue(Hanging(), Losses()) if name == "OTEL_BSP" else log_queue(HangingLogs(), Losses())
