"""An exchange is followed from its first stage to its last byte, and then forgotten."""

from __future__ import annotations

from dataclasses import replace

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import use_span

from gateway.audit.event import Outcome
from gateway.audit.journal import NoJournal
from gateway.exchange import Body, Exchange, Reply
from gateway.protocol.wire import Surface
from gateway.telemetry.call_logs import CallLogs
from gateway.telemetry.lines import Line, LogName
from tests.telemetry.samples import ACCESS, RECORD


async def intake() -> bytes:
    return b""


async def body() -> Body:
    yield {}


async def proceed(exchange: Exchange) -> Reply:
    return Reply(status=200, streaming=False, body=body())


def held(logs: CallLogs) -> int:
    return len(logs._spans) + len(logs._records)


async def test_both_lines_have_the_call_and_the_span_of_the_exchange() -> None:
    lines: list[Line] = []
    logs = CallLogs([lines.append], [lines.append])
    exchange = Exchange(call_id="req_1", surface=Surface.CHAT, journal=NoJournal(), intake=intake)
    span = TracerProvider(shutdown_on_exit=False).get_tracer("test").start_span("exchange")
    with use_span(span, record_exception=False, set_status_on_exception=False):
        assert (await logs.follow(exchange, proceed)).status == 200
    logs.told(RECORD)
    logs.accessed(ACCESS)
    assert [line.log for line in lines] == [LogName.DECISION, LogName.ACCESS]
    assert {line.said["gateway.call_id"] for line in lines} == {"req_1"}
    assert [line.span for line in lines] == [span.get_span_context()] * 2
    assert held(logs) == 0


def test_a_caller_whom_nobody_knows_is_in_one_log_only() -> None:
    lines: list[Line] = []
    logs = CallLogs([lines.append], [lines.append])
    logs.told(replace(RECORD, decision=None, tenant=None, outcome=Outcome.DENIED))
    logs.accessed(ACCESS)
    assert [line.log for line in lines] == [LogName.ACCESS]
    assert not lines[0].span.is_valid
    assert held(logs) == 0


def test_each_log_goes_where_it_should() -> None:
    access: list[Line] = []
    decision: list[Line] = []
    assert not CallLogs().enabled
    for logs in (CallLogs([access.append]), CallLogs([], [decision.append]), CallLogs()):
        logs.told(RECORD)
        logs.accessed(ACCESS)
        assert held(logs) == 0
    assert [line.log for line in (*access, *decision)] == [LogName.ACCESS, LogName.DECISION]
