"""A backend's answer, judged: its status, its JSON, its events. Pure.

No text of an error raised here comes from the backend: an error body may repeat the prompt.
"""

from __future__ import annotations

from typing import Any

import orjson

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTruncated
from gateway.protocol.sse import DONE_DATA, SseDecoder, SseEvent
from gateway.protocol.text_slots import MAX_DEPTH
from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.halves import Halves, may_be_cut, read_with_halves, without_halves
from gateway.upstream.mending import Mend
from gateway.upstream.overlong import with_code
from gateway.upstream.shaping import without_usage

_OK = 200
_CLIENT_CAN_ACT = frozenset({400, 404, 409, 413, 422, 429})
_OUR_CREDENTIAL = frozenset({401, 403})
_MAX_RETRY_AFTER_S = 86_400
_UNSUPPORTED = frozenset({"unsupported_parameter", "unsupported_value"})
"""OpenAI's codes, for what a model cannot do that others can."""

_CUT_OFF = "the backend's stream ended before the answer was finished"
_NOT_JSON = "the backend sent what is not JSON"
_NO_REASON = "The backend refused the request without a reason."


def check_status(status: int, retry_after: str | None) -> None:
    """Pass 200, and the refusals that the client can act on; raise UpstreamError for every other status."""
    if status == _OK or status in _CLIENT_CAN_ACT:
        return
    if status in _OUR_CREDENTIAL:
        raise UpstreamError("the backend refused the gateway's credential")
    if status < 400:
        raise UpstreamProtocolError("the backend answered with an unexpected status")
    raise UpstreamError("the backend failed", retry_after=retry_seconds(retry_after))


def check_kind(status: int, content_type: str, *, stream: bool, stream_type: str = "text/event-stream") -> None:
    """A stream must come as events, and any other success must not. A refusal may come as anything."""
    if status == _OK and (content_type == stream_type) is not stream:
        raise UpstreamProtocolError("the backend answered a stream where JSON was due, or JSON where a stream was due")


def read_answer(status: int, data: bytes) -> JsonObject:
    """The object of a plain answer: the result, or an error in OpenAI's shape if the status says that there is one."""
    return _refuse_error(_parse_whole(data)) if status == _OK else _refusal(data)


def is_unsupported(answer: JsonObject) -> bool:
    """Whether an answer refuses what another backend may take."""
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return isinstance(code, str) and code in _UNSUPPORTED


def read_refusal(data: bytes) -> JsonObject:
    """The refusal of a backend with a protocol of its own, of which only the message is taken."""
    said = _refusal(data)["error"].get("message")
    return _error(said if isinstance(said, str) else _NO_REASON)


def retry_seconds(value: str | None) -> int | None:
    """Retry-After in seconds, a day at most; its date form is not used by model servers and is ignored."""
    if value is None or len(value) > 9 or not (value.isascii() and value.isdigit()):
        return None
    return min(int(value), _MAX_RETRY_AFTER_S)


class DeltaReader:
    """The events of one stream as JSON objects, and whether it ended honestly.

    Chat and completions end with `[DONE]`; one that stops without it counts as whole if every choice had its finish
    reason. Responses end with their last event. `tally` has seen all that the backend said, also the usage that a client did
    not ask for and does not get.
    """

    def __init__(self, surface: Surface, max_line_bytes: int, *, mend: Mend | None = None, usage_unasked: bool = False) -> None:
        self.ended = False
        self.tally = Tally(surface)
        self._decoder = SseDecoder(max_line_bytes)
        self._halves = Halves()
        self._mend = mend
        self._usage_unasked = usage_unasked
        self._ends_by_event = surface is Surface.RESPONSES

    def feed(self, chunk: bytes) -> list[JsonObject]:
        """The deltas that this chunk completes; what follows the end is ignored."""
        deltas = []
        for event in self._decoder.feed(chunk):
            self.ended = self.ended or event.data == DONE_DATA
            if self.ended:
                break
            shown = self._shown(event)
            if shown is not None:
                deltas.append(shown)
        return deltas

    def finish(self) -> list[JsonObject]:
        """The body ended: what its last event says, of which some servers spare the blank line. Raises UpstreamTruncated unless
        the answer had ended.
        """
        cut = self._decoder.finish()
        if cut is not None and cut.data == DONE_DATA:
            self.ended = True
            return []
        try:
            last = None if cut is None else self._shown(cut)
        except UpstreamProtocolError:
            raise UpstreamTruncated(_CUT_OFF) from None
        if not self.tally.finished:
            raise UpstreamTruncated(_CUT_OFF)
        self.ended = True
        return [] if last is None else [last]

    def _shown(self, event: SseEvent) -> JsonObject | None:
        delta = self._delta(event)
        return without_usage(delta) if self._usage_unasked else delta

    def _delta(self, event: SseEvent) -> JsonObject:
        delta = _refuse_error(_parse_delta(event.data, self._halves))
        if self._mend is not None:
            self._mend(delta)
        self.tally.see(delta)
        self.ended = self._ends_by_event and self.tally.finished
        return delta


def _refusal(data: bytes) -> JsonObject:
    """The backend's refusal in OpenAI's shape, whatever its own, with OpenAI's code where a prompt is too long.

    vLLM wrote `{"object": "error", "message": ...}`, TGI writes `{"error": ...}` and FastAPI `{"detail": ...}`. The status
    is what the client can act on: as a 502 a prompt that is too long would look like an outage, and be sent again.
    """
    try:
        said = _parse_whole(data)
    except UpstreamProtocolError:
        said = {}
    if isinstance(said.get("error"), dict):
        return {**said, "error": with_code(said["error"])}
    words = (said.get(name) for name in ("message", "error", "detail"))
    message = next((each for each in words if isinstance(each, str)), _NO_REASON)
    return _error(message)


def _error(message: str) -> JsonObject:
    return {"error": with_code({"message": message, "type": "invalid_request_error", "param": None, "code": None})}


def _parse_whole(data: bytes) -> JsonObject:
    parsed, cut = _parse(data)
    body = _object(parsed, data)
    return without_halves(body) if cut else body


def _parse_delta(data: bytes, halves: Halves) -> JsonObject:
    parsed, cut = _parse(data)
    delta = _object(parsed, data)
    return halves.joined(delta) if cut or halves else delta


def _parse(data: bytes) -> tuple[Any, bool]:
    """What the JSON says, and whether it may hold halves of characters. Raises UpstreamProtocolError."""
    try:
        return orjson.loads(data), False
    except orjson.JSONDecodeError:
        if not may_be_cut(data):
            raise UpstreamProtocolError(_NOT_JSON) from None
    try:
        return read_with_halves(data), True
    except (ValueError, RecursionError):
        raise UpstreamProtocolError(_NOT_JSON) from None


def _object(parsed: Any, data: bytes) -> JsonObject:
    """Raises UpstreamProtocolError; what it returns can be walked and written again without running out of stack."""
    if not isinstance(parsed, dict):
        raise UpstreamProtocolError("the backend sent JSON that is not an object")
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and _is_deep(parsed):  # few brackets cannot nest deep
        raise UpstreamProtocolError(f"the backend sent JSON that is nested deeper than {MAX_DEPTH} levels")
    return parsed


def _is_deep(body: JsonObject) -> bool:
    """Whether containers nest deeper than MAX_DEPTH. Level by level: a recursion could itself run out of stack."""
    level: list[Any] = [body]
    for _ in range(MAX_DEPTH):
        inner = (node.values() if isinstance(node, dict) else node for node in level)
        level = [child for children in inner for child in children if isinstance(child, (dict, list))]
        if not level:
            return False
    return True


def _refuse_error(body: JsonObject) -> JsonObject:
    """An error inside an answer that began as a success. A response object has its own, which belongs to the client."""
    is_error = "error" in (body.get("type"), body.get("object"))
    if is_error or (body.get("error") is not None and body.get("object") != "response"):
        raise UpstreamError("the backend failed while it answered")
    return body
