"""Logs are off unless a setting turns them on; then a real receiver gets lines and our own diagnostics, and nobody else's."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from opentelemetry import _logs as api

from gateway.telemetry.logs import Logs, configure_logs
from gateway.telemetry.losses import Losses
from gateway.telemetry.otel_settings import Signal, TelemetryConfigurationError
from tests.support.calls import closed_port
from tests.telemetry.receiving import attributes, receiving
from tests.telemetry.samples import ACCESS, RECORD

SECRET = "alice@example.com"


def call(logs: Logs, call_id: str = "req_1") -> None:
    logs.calls.told(replace(RECORD, call_id=call_id))
    logs.calls.accessed(replace(ACCESS, call_id=call_id))


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_LOGS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_LOGS_EXPORTER": "otlp"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1"},
    ],
)
def test_off_without_a_thread_or_a_handler(environ: dict[str, str]) -> None:
    threads, handlers = set(threading.enumerate()), list(logging.getLogger("gateway").handlers)
    logs = configure_logs(environ, Losses())
    assert not logs.calls.enabled
    assert set(threading.enumerate()) == threads
    assert logging.getLogger("gateway").handlers == handlers
    logs.shutdown()


def test_a_setting_that_cannot_be_honoured_stops_the_start() -> None:
    with pytest.raises(TelemetryConfigurationError, match="OTEL_LOGS_EXPORTER"):
        configure_logs({"OTEL_LOGS_EXPORTER": "syslog"}, Losses())


@pytest.mark.parametrize("disabled", ["", "true"])
def test_lines_on_stdout_and_stderr_do_not_depend_on_otel(disabled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setenv("OTEL_SDK_DISABLED", disabled)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(buffer=err))
    for access, decision in (("stdout", "stderr"), ("off", "stdout"), ("stdout", "off")):
        logs = configure_logs({"OTEL_SDK_DISABLED": disabled}, Losses(), access=access, decision=decision)  # type: ignore[arg-type]
        call(logs)
        logs.shutdown()
    assert [json.loads(line)["log"] for line in out.getvalue().splitlines()] == [
        "gateway.access",
        "gateway.decision",
        "gateway.access",
    ]
    assert [json.loads(line)["call_id"] for line in err.getvalue().splitlines()] == ["req_1"]


def test_both_on_one_stream_share_a_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    out, threads = io.BytesIO(), threading.active_count()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
    logs = configure_logs({}, Losses(), access="stdout", decision="stdout")
    assert threading.active_count() == threads + 1
    call(logs)
    logs.shutdown()
    assert [json.loads(line)["log"] for line in out.getvalue().splitlines()] == ["gateway.decision", "gateway.access"]


async def test_lines_reach_a_receiver() -> None:
    async with receiving() as received:
        logs = configure_logs({"OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint}, Losses())
        call(logs)
        await asyncio.to_thread(logs.shutdown)
        await received.until(lambda: len(received.logs) == 2)
    got = {record.event_name: record for record in received.logs}
    decision = attributes(got["gateway.decision"])
    assert decision["gateway.findings.by_entity"] == {"CUSTOM": 1, "EMAIL_ADDRESS": 3}
    assert decision["gateway.policy.obligations"] == ["request *=placeholder", "reply restored"]
    assert attributes(got["gateway.access"])["http.response.body.size"] == 900
    assert {record.severity_text for record in got.values()} == {"INFO"}
    assert all(record.time_unix_nano and not record.trace_id.strip(b"\0") for record in got.values())


async def test_our_diagnostics_reach_it_without_an_exceptions_text_and_nobody_elses_do() -> None:
    losses = Losses()
    async with receiving() as received:
        logs = configure_logs({"OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint}, losses)
        diagnose()
        await asyncio.to_thread(logs.shutdown)
        logging.getLogger("gateway").error("after the end")
        await received.until(lambda: len(received.logs) >= 2)
    warned, failed = received.logs
    assert (warned.body.string_value, warned.severity_text, warned.severity_number) == ("the file has 3 faults", "WARNING", 13)
    assert (failed.body.string_value, failed.severity_number) == ("it failed", 17)
    assert attributes(failed) == {"exception.type": "ValueError"}
    assert SECRET.encode() not in received.raw
    assert losses.counts() == {(Signal.LOGS, "export_failed"): 1}


def diagnose() -> None:
    """What our modules say, one message that does not fit its arguments, and what others say."""
    ours = logging.getLogger("gateway.policy.source")
    for foreign in ("aiohttp.client", "uvicorn.access", "asyncio", "opentelemetry.sdk", "gatewayish"):
        logging.getLogger(foreign).error("got %s", SECRET)
    ours.warning("the file has %d faults", 3)
    logging.getLogger("gateway").handlers[-1].handle(logging.LogRecord("gateway", 30, "", 1, "%d", ("no number",), None))
    try:
        raise ValueError(SECRET)
    except ValueError:
        ours.exception("it failed")


async def test_a_receiver_that_is_not_there_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    losses = Losses()
    logs = configure_logs({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{closed_port()}"}, losses)
    call(logs)
    await asyncio.to_thread(logs.shutdown)
    assert losses.counts() == {(Signal.LOGS, "export_failed"): 2}


def test_the_console_exporter(capsys: pytest.CaptureFixture[str]) -> None:
    logs = configure_logs({"OTEL_LOGS_EXPORTER": "console"}, Losses())
    call(logs)
    logs.shutdown()
    assert '"event_name": "gateway.access"' in capsys.readouterr().out


def test_nothing_global_is_set() -> None:
    before = api.get_logger_provider()
    configure_logs({"OTEL_LOGS_EXPORTER": "console"}, Losses()).shutdown()
    assert api.get_logger_provider() is before
