"""Anthropic's Messages API as a scripted backend speaks it: https://docs.anthropic.com/en/api/messages-streaming"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from tests.support import script
from tests.support.script import Request, Script

Json = dict[str, Any]

_USAGE = {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}


def texts_of(body: Json) -> str:
    """All that a request says to the model, in one text."""
    return orjson.dumps([body.get("system"), body["messages"]]).decode()


def last_said(body: Json) -> str:
    """The last text of the user."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def message(request: Request, *blocks: Json, reason: str = "end_turn") -> Script:
    """An answer of these content blocks, streamed or not, as the request wants it."""
    if request.stream:
        return _events(request, blocks, reason).cut_at_events()
    return script.plain(
        _head(request) | {"content": list(blocks), "stop_reason": reason, "usage": {**_USAGE, "output_tokens": 5}}
    )


def text(said: str) -> Json:
    return {"type": "text", "text": said}


def tool_use(name: str, arguments: Json, *, id_: str = "toolu_1") -> Json:
    return {"type": "tool_use", "id": id_, "name": name, "input": arguments}


def echo(request: Request) -> Script:
    """Says what the user said."""
    return message(request, text(last_said(request.json)))


def calls(make: Callable[[str], Json]) -> Callable[[Request], Script]:
    """Calls a tool with what `make` makes of the last text."""
    return lambda request: message(
        request, text("One moment."), tool_use("f", make(last_said(request.json))), reason="tool_use"
    )


def refusal(status: int, kind: str, said: str) -> Script:
    return script.plain({"type": "error", "error": {"type": kind, "message": said}, "request_id": "req_1"}, status)


def overloaded_while_answering(request: Request) -> Script:
    """The error that comes in the middle of a stream."""
    whole = message(request, text("Hello there"))
    first = whole.body.split(b"event: content_block_stop")[0]
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Alice Example was too much"}}
    return script.raw(first + _event(error))


def _head(request: Request) -> Json:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": request.json["model"], "stop_sequence": None}


def _events(request: Request, blocks: tuple[Json, ...], reason: str) -> Script:
    start = _head(request) | {"content": [], "stop_reason": None, "usage": {**_USAGE, "output_tokens": 1}}
    events: list[Json] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, block in enumerate(blocks):
        events += _block(index, block)
    ended = {"delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": 5}}
    events += [{"type": "message_delta", **ended}, {"type": "message_stop"}]
    return script.raw(b"".join(map(_event, events)))


def _block(index: int, block: Json) -> list[Json]:
    if block["type"] == "text":
        empty, kind, name, said = text(""), "text_delta", "text", block["text"]
    else:
        empty, kind, name, said = (
            {**block, "input": {}},
            "input_json_delta",
            "partial_json",
            orjson.dumps(block["input"]).decode(),
        )
    pieces = [said[at : at + 3] for at in range(0, len(said), 3)]
    deltas = [{"type": "content_block_delta", "index": index, "delta": {"type": kind, name: each}} for each in pieces]
    first: Json = {"type": "content_block_start", "index": index, "content_block": empty}
    return [first, *deltas, {"type": "content_block_stop", "index": index}]


def _event(event: Json) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), orjson.dumps(event))
