"""A backend that answers as vLLM does, in its fields and events, with what the scripted model says."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.clients.model import Json, Said, answer, pieces

_TOO_LONG = "too long for the model"
"""Who says this is told that the prompt is."""
_OVERLONG = {
    "message": "You passed 9000 input tokens. However, the model's context length is only 4096 tokens.",
    "type": "BadRequestError",
    "param": "input_tokens",
    "code": 400,
}
_REFERENCE = {
    "message": "Input should be a valid dictionary or object to extract fields from",
    "type": "BadRequestError",
    "param": "input",
    "code": 400,
}
"""To items by reference: it keeps none."""
_NUMBERS = itertools.count(1)


class Backend(ThreadingHTTPServer):
    """`heard` is every request as it came: its line, its headers and its body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: Any) -> None:
        """Nothing: a client may hang up, and a fault of ours reaches it as one of the backend's."""


@contextmanager
def serving() -> Iterator[Backend]:
    """The backend, until the block ends."""
    with Backend() as backend:
        threading.Thread(target=backend.serve_forever, daemon=True).start()
        try:
            yield backend
        finally:
            backend.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Backend

    def log_message(self, *_: Any) -> None:
        """Nothing: what was asked is kept."""

    def do_GET(self) -> None:
        self._json({"object": "list", "data": [{"id": "model", "object": "model", "created": 1, "owned_by": "vllm"}]})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.heard.append(f"{self.requestline}\n{self.headers}\n".encode() + raw)
        body, surface = json.loads(raw), self.path.partition("/v1/")[2]
        if _TOO_LONG in raw.decode():
            self._json({"error": _OVERLONG}, 400)
        elif surface == "embeddings":
            self._json(_embeddings(body))
        elif surface == "responses" and _refers(body):
            self._json({"error": _REFERENCE}, 400)
        elif surface == "responses":
            whole = _response(body, answer(body))
            self._events(_response_events(whole), named=True) if body.get("stream") else self._json(whole)
        elif body.get("stream"):
            self._events(_chunks(body, answer(body)), named=False)
        else:
            self._json(_chat(body, answer(body)))

    def _json(self, body: Json, status: int = 200) -> None:
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _events(self, events: Iterator[Json], *, named: bool) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:
            name = f"event: {event['type']}\n" if named else ""
            self._piece(f"{name}data: {json.dumps(event, ensure_ascii=False)}\n\n")
        if not named:
            self._piece("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _piece(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()


def _refers(body: Json) -> bool:
    said = body.get("input")
    return isinstance(said, list) and any(item.get("type") == "item_reference" for item in said)


def _id(kind: str) -> str:
    return f"{kind}-{next(_NUMBERS):032x}"


def _embeddings(body: Json) -> Json:
    given = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vector = "AACAPgAAAD8AAEA/AACAPw==" if body.get("encoding_format") == "base64" else [0.25, 0.5, 0.75, 1.0]
    data = [{"index": at, "object": "embedding", "embedding": vector} for at in range(len(given))]
    return {"id": _id("embd"), "object": "list", "created": 1, "model": body["model"], "data": data, "usage": _usage()}


def _usage() -> Json:
    return {"prompt_tokens": 11, "completion_tokens": 9, "total_tokens": 20, "prompt_tokens_details": None}


def _call(said: Said) -> Json:
    return {"id": _id("chatcmpl-tool"), "type": "function", "function": {"name": said.tool, "arguments": said.arguments}}


def _chat(body: Json, said: Said) -> Json:
    calls = [_call(said)] if said.tool else []
    nothing = dict.fromkeys(("refusal", "annotations", "audio", "function_call", "reasoning", "reasoning_content"))
    message = {"role": "assistant", "content": None if calls else said.text, "tool_calls": calls, **nothing}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(said), "stop_reason": None}
    more = {"prompt_logprobs": None, "kv_transfer_params": None, "system_fingerprint": None, "usage": _usage()}
    return {**_head(body, "chat.completion"), "choices": [choice], **more}


def _head(body: Json, kind: str) -> Json:
    return {"id": _id("chatcmpl"), "object": kind, "created": 1, "model": body["model"]}


def _reason(said: Said) -> str:
    return "tool_calls" if said.tool else "stop"


def _chunks(body: Json, said: Said) -> Iterator[Json]:
    head = _head(body, "chat.completion.chunk")
    deltas: list[Json] = [{"role": "assistant", "content": "", "reasoning_content": None}]
    deltas += [{"content": piece} for piece in pieces(said.text)]
    if said.tool:
        begun = _call(said)
        deltas.append({"tool_calls": [{**begun, "index": 0, "function": {"name": said.tool, "arguments": ""}}]})
        deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces(said.arguments)]
    for delta in deltas:
        yield {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]}
    last = {"index": 0, "delta": {"content": ""}, "logprobs": None, "finish_reason": _reason(said), "stop_reason": None}
    yield {**head, "choices": [last]}
    if (body.get("stream_options") or {}).get("include_usage"):
        yield {**head, "choices": [], "usage": _usage()}


def _response(body: Json, said: Said) -> Json:
    thought = {"type": "reasoning_text", "text": "I think of it."}
    items: list[Json] = [
        {"id": _id("rs"), "type": "reasoning", "summary": [], "content": [thought], "encrypted_content": None, "status": None}
    ]
    if said.tool:
        call = {"type": "function_call", "call_id": _id("call"), "name": said.tool, "arguments": said.arguments}
        items.append({"id": _id("fc"), "status": "completed", **call})
    else:
        part: Json = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": None}
        items.append({"id": _id("msg"), "type": "message", "role": "assistant", "status": "completed", "content": [part]})
    usage = {
        "input_tokens": 11,
        "input_tokens_details": {"cached_tokens": 0, "input_tokens_per_turn": [], "cached_tokens_per_turn": []},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 0, "tool_output_tokens": 0, "output_tokens_per_turn": []},
        "total_tokens": 20,
    }
    echoed = {name: body.get(name) for name in ("instructions", "metadata", "text", "reasoning", "user")}
    fixed = {"error": None, "incomplete_details": None, "parallel_tool_calls": True, "temperature": 1.0, "top_p": 1.0}
    told = {"tools": body.get("tools") or [], "tool_choice": body.get("tool_choice", "auto"), "background": False}
    head = {"id": _id("resp"), "object": "response", "created_at": 1, "model": body["model"], "status": "completed"}
    return {**head, **fixed, **echoed, **told, "output": items, "usage": usage}


def _response_events(whole: Json) -> Iterator[Json]:
    numbers = itertools.count()

    def event(kind: str, **fields: Any) -> Json:
        return {**fields, "sequence_number": next(numbers), "type": f"response.{kind}"}

    begun = {**whole, "output": [], "status": "in_progress", "usage": None}
    yield event("created", response=begun)
    yield event("in_progress", response=begun)
    for at, item in enumerate(whole["output"]):
        bare: Json = {key: [] if key == "content" else "" if key == "arguments" else value for key, value in item.items()}
        yield event("output_item.added", output_index=at, item={**bare, "status": "in_progress"})
        for kind, fields in _item_events(item):
            yield event(kind, item_id=item["id"], output_index=at, **fields)
        yield event("output_item.done", output_index=at, item=item)
    yield event("completed", response=whole)


def _item_events(item: Json) -> Iterator[tuple[str, Json]]:
    if item["type"] == "function_call":
        kind, text = "function_call_arguments", item["arguments"]
        yield from ((f"{kind}.delta", {"delta": piece}) for piece in pieces(text))
        yield f"{kind}.done", {"name": item["name"], "arguments": text}
        return
    (part,) = item["content"]
    thought = item["type"] == "reasoning"
    whole, kind = ("reasoning_part", "reasoning_text") if thought else ("content_part", "output_text")
    more: Json = {"content_index": 0} if thought else {"content_index": 0, "logprobs": []}
    yield f"{whole}.added", {"content_index": 0, "part": {**part, "text": ""}}
    yield from ((f"{kind}.delta", {**more, "delta": piece}) for piece in pieces(part["text"]))
    yield f"{kind}.done", {**more, "text": part["text"]}
    yield f"{whole}.done", {"content_index": 0, "part": part}
