"""Lines are JSON that no terminal and no parser stumbles over, and a stream that takes nothing holds nobody up."""

from __future__ import annotations

import io
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import SpanContext

from gateway.telemetry.line_writer import LineWriter, json_line
from gateway.telemetry.lines import Line, LogName, Said
from gateway.telemetry.losses import Losses
from gateway.telemetry.otel_settings import Signal

AT = 1_767_323_045_678_000_000
SPAN = SpanContext(trace_id=0x0AF7651916CD43DD8448EB211C80319C, span_id=0xB7AD6B7169203331, is_remote=False)


def line(text: str = "x") -> Line:
    return Line(log=LogName.DECISION, said={"gateway.policy.reason": text})


class Stuck(io.BytesIO):
    """A pipe that nobody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.writing, self.drained = threading.Event(), threading.Event()

    def write(self, data: object) -> int:
        self.writing.set()
        self.drained.wait()
        return super().write(data)  # type: ignore[arg-type]


class Broken(io.BytesIO):
    def write(self, data: object) -> int:
        raise BrokenPipeError


def test_a_line() -> None:
    said: Said = {"gateway.call_id": "req_1", "http.response.status_code": 200, "gateway.policy.rules": ("a", "b")}
    written = json_line(Line(log=LogName.ACCESS, said=said, span=SPAN), AT)
    assert written.endswith(b"\n")
    assert json.loads(written) == {
        "time": "2026-01-02T03:04:05.678Z",
        "log": "gateway.access",
        "call_id": "req_1",
        "http_response_status_code": 200,
        "policy_rules": ["a", "b"],
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
    }


@pytest.mark.parametrize("evil", ["\x1b[2J", "a\nb", "\r", "\x00", "\x7f", "\x9b31m", "\u2028", "\u202e", "\ufeff", "\u200b"])
def test_a_terminal_has_nothing_to_obey(evil: str) -> None:
    written = json_line(line(f"看{evil}!"), AT).decode().rstrip("\n")
    assert written.isprintable()
    assert "看" in written
    assert json.loads(written)["policy_reason"] == f"看{evil}!"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_text_survives_on_one_line(text: str) -> None:
    written = json_line(line(text), AT)
    assert len(written.decode().splitlines()) == 1
    assert json.loads(written)["policy_reason"] == text


def test_lines_are_written_in_order_and_all_of_them_at_the_end() -> None:
    stream, losses = io.BytesIO(), Losses()
    writer = LineWriter(stream, losses)
    for number in range(2_000):
        writer.write(line(str(number)))
    writer.close()
    assert [json.loads(one)["policy_reason"] for one in stream.getvalue().splitlines()] == list(map(str, range(2_000)))
    assert losses.counts() == {}


def test_a_stream_that_nobody_reads_holds_nobody_up_and_memory_down() -> None:
    stream, losses = Stuck(), Losses()
    writer = LineWriter(stream, losses, capacity=10)
    writer.write(line("first"))
    assert stream.writing.wait(10)
    for number in range(100):
        writer.write(line(str(number)))
    assert losses.counts() == {(Signal.LOGS, "queue_full"): 90}
    stream.drained.set()
    writer.close()
    assert len(stream.getvalue().splitlines()) == 11


def test_a_broken_pipe_is_counted_and_survived() -> None:
    losses = Losses()
    writer = LineWriter(Broken(), losses)
    writer.write(line())
    writer.write(line())
    writer.close()
    assert losses.counts() == {(Signal.LOGS, "export_failed"): 2}


def test_what_cannot_be_written_takes_no_other_line_with_it() -> None:
    stream, losses = Stuck(), Losses()
    writer = LineWriter(stream, losses)
    writer.write(line("first"))
    assert stream.writing.wait(10)
    for text in ("second", "\ud800", "third"):  # which are taken together when the stream goes on
        writer.write(line(text))
    stream.drained.set()
    writer.close()
    assert [json.loads(one)["policy_reason"] for one in stream.getvalue().splitlines()] == ["first", "second", "third"]
    assert losses.counts() == {(Signal.LOGS, "export_failed"): 1}
