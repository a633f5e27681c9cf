"""Server-sent events, both ways: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

Works on bytes, so that a cut inside a UTF-8 sequence needs no care: field names are ASCII, and whoever parses the data
validates its encoding. Linear: every byte is looked at once when it arrives and copied at most once more when its line
is complete, however finely the stream is cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.errors import UpstreamProtocolError

DONE_DATA = b"[DONE]"
"""What OpenAI streams send as their last data."""
DONE_EVENT = b"data: " + DONE_DATA + b"\n\n"

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One dispatched event; `event` is its type if the stream named one. `id` and `retry` mean nothing here."""

    event: str | None
    data: bytes = field(repr=False)


class SseDecoder:
    """Bytes in any cut to events. A line, or the data of one event, over `max_line_bytes` is UpstreamProtocolError."""

    def __init__(self, max_line_bytes: int) -> None:
        self._limit = max_line_bytes
        self._partial: list[bytes] = []
        self._partial_bytes = 0
        self._after_cr = False
        self._at_start = True
        self._event: str | None = None
        self._data: list[bytes] = []
        self._data_bytes = 0

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """The events that this chunk completes."""
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        lines = chunk.splitlines()
        rest = b"" if chunk.endswith((b"\n", b"\r")) else lines.pop()
        if lines:
            lines[0] = self._complete(lines[0])
        self._keep(rest)
        return [event for line in lines if (event := self._line(line)) is not None]

    def finish(self) -> SseEvent | None:
        """What the end of the stream cut off, as far as it came.

        The standard drops it. It is returned because it tells whether something is missing.
        """
        if self._partial:
            self._line(self._complete(b""))
        return self._dispatch()

    def _keep(self, rest: bytes) -> None:
        if rest:
            self._partial.append(rest)
            self._partial_bytes += len(rest)
            self._check(self._partial_bytes)

    def _complete(self, end: bytes) -> bytes:
        if not self._partial:
            return end
        line = b"".join((*self._partial, end))
        self._partial.clear()
        self._partial_bytes = 0
        return line

    def _line(self, line: bytes) -> SseEvent | None:
        self._check(len(line))
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._data_bytes += len(value) + 1
            self._check(self._data_bytes - 1)
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
        return None

    def _dispatch(self) -> SseEvent | None:
        name, data = self._event, self._data
        self._event, self._data, self._data_bytes = None, [], 0
        return SseEvent(name or None, b"\n".join(data)) if data else None

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise UpstreamProtocolError("the backend sent a line or an event longer than the gateway's limit")


def encode_event(data: bytes, event: str | None = None) -> bytes:
    """One event on the wire. Line breaks in `data` become several data lines, which a decoder joins by LF.

    Raises UpstreamProtocolError for a line break in `event`: types come from backends, and this one would forge fields.
    """
    if event is not None and ("\n" in event or "\r" in event):
        raise UpstreamProtocolError("the backend sent an event type with a line break")
    if b"\n" in data or b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\ndata: ")
    head = b"" if event is None else b"event: " + event.encode() + b"\n"
    return head + b"data: " + data + b"\n\n"
