"""W3C Trace Context (https://www.w3.org/TR/trace-context-2/), in and out. Pure.

What comes in is taken only where it is exactly what the specification allows, and then written anew: the part of a future
version of `traceparent` that we do not know could hold anything. Of `tracestate` only the members go on whose keys the
operator lists, which the specification foresees for those who must not pass personal data on (its section on privacy):
a value there is up to 256 characters of whoever wrote it. `baggage`, which is free text, is never read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.trace import Span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_CURRENT_VERSION = "00"
_KNOWN_FLAGS = 0b11  # sampled, and random; a participant sends the others as 0
_MEMBER = re.compile(r"([a-z0-9][a-z0-9_*/@-]{0,255})=([ -+\--<>-~]{0,255}[!-+\--<>-~])")
_MOST_MEMBERS = 32
_LONGEST = 8_192
"""A header longer than this is no trace's: 32 members of what is usual make 2 kB, and servers refuse 16."""


@dataclass(frozen=True, slots=True)
class TraceHeaders:
    """The two headers, as they may be sent on; None for one that is not there."""

    traceparent: str | None = None
    tracestate: str | None = None


def vetted(traceparents: Sequence[str], tracestates: Sequence[str], keys: Collection[str] = ()) -> TraceHeaders:
    """The caller's headers, each given as often as it was sent. `keys` are the members of `tracestate` that may pass.

    Without a valid `traceparent`, or with two, there is no trace to take part in, and `tracestate` is not even read.
    """
    parent = _parent(traceparents[0]) if len(traceparents) == 1 else None
    if parent is None:
        return TraceHeaders()
    return TraceHeaders(parent, _state(",".join(tracestates), keys) if keys and tracestates else None)


def context_of(traceparent: str | None, tracestate: str | None) -> Context:
    """The context in which a span continues the trace of vetted headers."""
    carrier = {"traceparent": traceparent, "tracestate": tracestate}
    return TraceContextTextMapPropagator().extract({name: value for name, value in carrier.items() if value}, Context())


def headers_of(span: Span) -> TraceHeaders:
    """What is sent to whoever does the work of this span; nothing for a span that is part of no trace."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier, set_span_in_context(span, Context()))
    return TraceHeaders(carrier.get("traceparent"), carrier.get("tracestate"))


def _parent(header: str) -> str | None:
    """In version 00, which is what a participant sends that knows no later one."""
    found = _TRACEPARENT.fullmatch(header.strip(" \t"))
    if found is None or len(header) > _LONGEST:
        return None
    version, trace, parent, flags, rest = found.groups()
    if version == _CURRENT_VERSION and rest is not None:
        return None
    return f"{_CURRENT_VERSION}-{trace}-{parent}-{int(flags, 16) & _KNOWN_FLAGS:02x}"


def _state(header: str, keys: Collection[str]) -> str | None:
    """The members that may pass, in their order; none of them where the header as a whole is not what it should be."""
    if len(header) > _LONGEST:
        return None
    members = [member for one in header.split(",") if (member := one.strip(" \t"))]
    pairs = [_MEMBER.fullmatch(member) for member in members]
    names = [pair[1] for pair in pairs if pair]
    if len(names) < len(members) or len(set(names)) < len(names) or len(names) > _MOST_MEMBERS:
        return None
    return ",".join(pair[0] for pair in pairs if pair and pair[1] in keys) or None
