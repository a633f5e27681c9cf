"""Writes log lines as JSON to a stream, in a thread of its own: a full pipe holds up nobody but that thread."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from time import time_ns
from typing import BinaryIO

import orjson
from opentelemetry.trace import format_span_id, format_trace_id

from gateway.moments import written
from gateway.telemetry.lines import Line
from gateway.telemetry.losses import EXPORT_FAILED, QUEUE_FULL, Losses
from gateway.telemetry.otel_settings import Signal

_CAPACITY = 10_000

# What a terminal might obey, or take for the end of a line: controls, and the separators and directions of Unicode.
_UNPRINTABLE = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def json_line(line: Line, at_ns: int) -> bytes:
    """One JSON object and a line feed. `gateway.` goes without saying, and a dot becomes `_`, so that `jq .call_id` works."""
    at = written(datetime.fromtimestamp(at_ns / 1e9, UTC))
    named = {_json_name(name): value for name, value in line.said.items()}
    trace = {"trace_id": format_trace_id(line.span.trace_id), "span_id": format_span_id(line.span.span_id)}
    text = orjson.dumps({"time": at, "log": line.log.value, **named, **(trace if line.span.is_valid else {})}).decode()
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode() + b"\n"


@cache
def _json_name(name: str) -> str:
    return name.removeprefix("gateway.").replace(".", "_")


class LineWriter:
    """Takes lines from any thread. What the stream cannot take in time, or at all, is dropped and counted."""

    def __init__(self, stream: BinaryIO, losses: Losses, capacity: int = _CAPACITY) -> None:
        self._stream = stream
        self._losses = losses
        self._capacity = capacity
        self._waiting: deque[tuple[Line, int]] = deque()
        self._awake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._write_all, name="log-lines", daemon=True)
        self._thread.start()

    def write(self, line: Line) -> None:
        """Queue a line; never waits and never fails."""
        if len(self._waiting) >= self._capacity:
            self._losses.lost(Signal.LOGS, QUEUE_FULL)
            return
        self._waiting.append((line, time_ns()))
        self._awake.set()

    def close(self) -> None:
        """Write what waits. A stream that takes nothing holds this up: bound it (`queues.bounded`)."""
        self._ending = True
        self._awake.set()
        self._thread.join()

    def _write_all(self) -> None:
        while not (self._ending and not self._waiting):
            self._awake.wait()
            self._awake.clear()
            self._write_waiting()

    def _write_waiting(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), 512))]
            lines = list(self._lines(batch))
            try:
                self._stream.write(b"".join(lines))
                self._stream.flush()
            except (OSError, ValueError):  # a broken pipe, a closed stream
                self._losses.lost(Signal.LOGS, EXPORT_FAILED, len(lines))

    def _lines(self, batch: Iterable[tuple[Line, int]]) -> Iterator[bytes]:
        """One that cannot be written takes no other with it."""
        for line, at_ns in batch:
            try:
                yield json_line(line, at_ns)
            except (TypeError, ValueError):  # what is no UTF-8
                self._losses.lost(Signal.LOGS, EXPORT_FAILED)
