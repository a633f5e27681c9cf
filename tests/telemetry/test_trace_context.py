"""W3C Trace Context: what is taken, what is refused, and that nothing of a caller's but ids gets through unasked."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import NoOpTracer, get_current_span

from gateway.telemetry.trace_context import TraceHeaders, context_of, headers_of, vetted

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{PARENT}-01"
NOTHING = TraceHeaders()


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (GOOD, GOOD),
        (f"  {GOOD}\t", GOOD),
        (f"00-{TRACE}-{PARENT}-00", f"00-{TRACE}-{PARENT}-00"),
        (f"00-{TRACE}-{PARENT}-03", f"00-{TRACE}-{PARENT}-03"),
        (f"00-{TRACE}-{PARENT}-ff", f"00-{TRACE}-{PARENT}-03"),
        (f"cc-{TRACE}-{PARENT}-01", GOOD),
        (f"cc-{TRACE}-{PARENT}-01-alice@example.com", GOOD),
        (f"01-{TRACE}-{PARENT}-01-", GOOD),
    ],
)
def test_a_parent_is_taken_and_written_anew(given: str, taken: str) -> None:
    assert vetted([given], []) == TraceHeaders(taken)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "alice@example.com",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-what",
        f"00-{TRACE}-{PARENT}-01.",
        f"01-{TRACE}-{PARENT}-01.what",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}",
        f"0{TRACE}-{PARENT}-01",
        f"{GOOD}\n",
        f"٠٠-{TRACE}-{PARENT}-01",
        "cc-" + TRACE + "-" + PARENT + "-01-" + "x" * 9_000,
    ],
)
def test_what_is_no_parent_is_ignored_and_the_state_with_it(given: str) -> None:
    assert vetted([given], ["congo=t61"], {"congo"}) == NOTHING


def test_two_parents_are_none() -> None:
    assert vetted([GOOD, GOOD], ["congo=t61"], {"congo"}) == NOTHING
    assert vetted([], ["congo=t61"], {"congo"}) == NOTHING


@pytest.mark.parametrize(
    ("headers", "passed"),
    [
        (["congo=t61"], "congo=t61"),
        (["rojo=00f0,congo=t61,az=1"], "rojo=00f0,congo=t61"),
        (["congo=t61 , ,\trojo=a b", "az=1"], "congo=t61,rojo=a b"),
        (["az=1"], None),
        ([], None),
        ([""], None),
        (["congo=t61,congo=t62"], None),
        (["congo=t61", "congo=t62"], None),
        (["congo=t61,no member"], None),
        (["congo=a=b"], None),
        (["congo=t61,Rojo=1"], None),
        (["congo=\u00e9"], None),
        (["congo=" + "x" * 257], None),
        (["congo=" + "x" * 256], "congo=" + "x" * 256),
        ([",".join(["congo=1", *(f"k{number}=1" for number in range(31))])], "congo=1"),
        ([",".join(["congo=1", *(f"k{number}=1" for number in range(32))])], None),
        (["congo=1,9t@vendor=1"], "congo=1"),
    ],
)
def test_of_a_state_the_listed_members_pass(headers: list[str], passed: str | None) -> None:
    assert vetted([GOOD], headers, {"congo", "rojo"}) == TraceHeaders(GOOD, passed)


def test_by_default_no_member_passes() -> None:
    assert vetted([GOOD], ["congo=alice@example.com"]) == TraceHeaders(GOOD, None)
    assert vetted([GOOD], ["congo=alice@example.com"], frozenset("".split(","))) == TraceHeaders(GOOD, None)


@given(st.lists(st.text(max_size=60), max_size=3), st.lists(st.text(max_size=60), max_size=3))
def test_whatever_comes_nothing_but_ids_gets_through(parents: list[str], states: list[str]) -> None:
    assert vetted(parents, states) == NOTHING


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 255))
def test_what_passes_is_read_by_the_sdk_as_it_was_sent(trace: int, parent: int, flags: int) -> None:
    taken = vetted([f"00-{trace:032x}-{parent:016x}-{flags:02x}"], ["congo=t61"], {"congo"})
    span = get_current_span(context_of(taken.traceparent, taken.tracestate)).get_span_context()
    assert (span.trace_id, span.span_id, span.trace_flags, span.is_remote) == (trace, parent, flags & 3, True)
    assert span.trace_state.to_header() == "congo=t61"


def test_without_tracing_what_came_in_goes_out() -> None:
    context = context_of(GOOD, "congo=t61,rojo=1")
    assert headers_of(NoOpTracer().start_span("x", context=context)) == TraceHeaders(GOOD, "congo=t61,rojo=1")
    assert headers_of(NoOpTracer().start_span("x", context=context_of(None, None))) == NOTHING


def test_a_context_does_not_reach_beyond_the_headers(caplog: pytest.LogCaptureFixture) -> None:
    """What the library would warn of, and quote, has been refused before."""
    caplog.set_level(logging.DEBUG)
    taken = vetted([GOOD], ["congo=alice@example.com, not a member"], {"congo"})
    assert not get_current_span(context_of(taken.traceparent, taken.tracestate)).get_span_context().trace_state
    assert not get_current_span(context_of(None, "congo=t61")).get_span_context().is_valid
    assert caplog.records == []
