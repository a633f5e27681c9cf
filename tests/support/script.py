"""What the scripted backend sends: bytes, how they are cut, and what becomes of the connection.

Build one from a request (`text`, `tool_calls`, `deltas`, `plain`, `raw`) and bend it: `text(request, "hi").cut_every(1)`,
`text(request, "hi").dropped_after(40)`. Offsets count bytes of the reply's body, before HTTP's own chunk framing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from typing import Any, TypeAlias

import orjson

from tests.support import shapes
from tests.support.response_shapes import response, response_deltas
from tests.support.shapes import Json, ToolCall

SSE = "text/event-stream"
JSON = "application/json"
HTML_PAGE = b"<html><body><h1>502 Bad Gateway</h1><p>Alice Example asked</p></body></html>"
_DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Request:
    """One request as the backend received it. Header names are in lower case; `json` is None for what is not JSON."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    json: Any

    @property
    def surface(self) -> str:
        return self.path.removeprefix("/v1/")

    @property
    def stream(self) -> bool:
        return isinstance(self.json, dict) and self.json.get("stream") is True


class Ending(Enum):
    """What happens when the last byte was sent."""

    COMPLETE = "the reply ends as HTTP wants it, and the connection stays open"
    DROP = "the connection is closed in the middle of the reply"
    STALL = "nothing more comes, and the connection stays open"


@dataclass(frozen=True)
class Script:
    """One reply. `cuts` are the offsets where a piece ends; each piece is written and flushed by itself.

    `head_delay_s` passes before the status line, `delay_s` before each piece but the first (seconds).
    """

    status: int = 200
    content_type: str = JSON
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    cuts: tuple[int, ...] = ()
    head_delay_s: float = 0.0
    delay_s: float = 0.0
    ending: Ending = field(default=Ending.COMPLETE)
    silent: bool = False

    def cut_at(self, *offsets: int) -> Script:
        return replace(self, cuts=tuple(sorted(set(offsets))))

    def cut_every(self, size: int = 1) -> Script:
        return self.cut_at(*range(size, len(self.body), size))

    def cut_at_events(self) -> Script:
        """One piece for each event, as a real backend writes them."""
        ends = [at + 2 for at in range(len(self.body)) if self.body.startswith(b"\n\n", at)]
        return self.cut_at(*ends)

    def slow(self, delay_s: float) -> Script:
        """A drip: this long between the pieces."""
        return replace(self, delay_s=delay_s)

    def slow_head(self, delay_s: float) -> Script:
        return replace(self, head_delay_s=delay_s)

    def dropped_after(self, size: int) -> Script:
        return replace(self, body=self.body[:size], ending=Ending.DROP)

    def stalled_after(self, size: int) -> Script:
        return replace(self, body=self.body[:size], ending=Ending.STALL)

    def without_done(self) -> Script:
        """An event stream that ends, as HTTP wants it, without `[DONE]`."""
        return replace(self, body=self.body.removesuffix(_DONE))

    def with_header(self, name: str, value: str) -> Script:
        return replace(self, headers=(*self.headers, (name, value)))

    def pieces(self) -> Iterable[bytes]:
        edges = [0, *(cut for cut in self.cuts if 0 < cut < len(self.body)), len(self.body)]
        return (self.body[start:end] for start, end in pairwise(edges) if end > start)


Scripter: TypeAlias = Callable[[Request], Script]


# --- honest replies -----------------------------------------------------------------------------------------------


def echo(request: Request) -> Script:
    """The default: says what the user said, or lists models, or embeds."""
    if request.surface == "models":
        return plain(shapes.models())
    if request.surface == "embeddings":
        return plain(shapes.embeddings(request.json))
    return text(request, *shapes.echo_texts(request.surface, request.json))


def text(request: Request, *texts: str, size: int = 4) -> Script:
    """Says these texts, one for each choice; a stream has `size` characters in a delta."""
    if not request.stream:
        return plain(_plain_object(request, texts, ()))
    return deltas(_delta_objects(request, texts, (), size), surface=request.surface).cut_at_events()


def tool_calls(request: Request, *calls: ToolCall, said: str = "", size: int = 4) -> Script:
    """Makes these calls; in a chat stream the fragments of their arguments take turns."""
    if not request.stream:
        return plain(_plain_object(request, (said,), calls))
    return deltas(_delta_objects(request, (said,), calls, size), surface=request.surface).cut_at_events()


def _plain_object(request: Request, texts: tuple[str, ...], calls: tuple[ToolCall, ...]) -> Json:
    if request.surface == "responses":
        return response(request.json, texts[0], calls)
    if request.surface == "completions":
        return shapes.completion(request.json, texts)
    return shapes.chat(request.json, texts, calls)


def _delta_objects(request: Request, texts: tuple[str, ...], calls: tuple[ToolCall, ...], size: int) -> list[Json]:
    if request.surface == "responses":
        return response_deltas(request.json, texts[0], calls, size)
    if request.surface == "completions":
        return shapes.completion_deltas(request.json, texts, size)
    return shapes.chat_deltas(request.json, texts, calls, size)


def deltas(objects: Iterable[Json], *, surface: str = "chat/completions", done: bool = True) -> Script:
    """These JSON objects as an event stream: typed events for responses, `[DONE]` at the end for the others."""
    if surface == "responses":
        return raw(b"".join(b"event: %b\ndata: %b\n\n" % (str(o["type"]).encode(), orjson.dumps(o)) for o in objects))
    body = b"".join(b"data: %b\n\n" % orjson.dumps(each) for each in objects)
    return raw(body + _DONE if done else body)


def plain(body: Any, status: int = 200) -> Script:
    """A JSON answer of one piece."""
    return Script(status=status, body=orjson.dumps(body))


def raw(body: bytes, content_type: str = SSE, status: int = 200) -> Script:
    """Any bytes, as they are."""
    return Script(status=status, content_type=content_type, body=body)


# --- faults -------------------------------------------------------------------------------------------------------


def error(status: int, message: str = "no", *, code: str | None = None) -> Script:
    """An error in OpenAI's shape."""
    detail = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return plain({"error": detail}, status)


def html(status: int = 502) -> Script:
    """What a reverse proxy says when the backend is gone."""
    return raw(HTML_PAGE, "text/html", status)


def silence() -> Script:
    """The request is read, and nothing is ever answered."""
    return Script(silent=True, ending=Ending.STALL)


def hang_up() -> Script:
    """The request is read, and the connection closed without a byte."""
    return Script(silent=True, ending=Ending.DROP)


def malformed_sse() -> Script:
    return raw(b'data: {"id": "reply-1", "choices": [\n\ndata: oops\n\n' + _DONE)


def invalid_utf8() -> Script:
    return raw(b'data: {"choices": [{"index": 0, "delta": {"content": "\xff\xfe"}, "finish_reason": null}]}\n\n' + _DONE)


def long_line(size: int = 10_000_000) -> Script:
    """One `data` line of this many bytes: valid JSON, but for its length."""
    return deltas([{"choices": [{"index": 0, "delta": {"content": "x" * size}, "finish_reason": None}]}])


def error_event(message: str = "out of memory") -> Script:
    """A stream that has begun well and then reports an error as an event."""
    begun = {"choices": [{"index": 0, "delta": {"content": "Hel"}, "finish_reason": None}]}
    return deltas([begun, {"error": {"message": message, "type": "server_error", "code": None}}]).cut_at_events()
