"""Answers of the responses surface: the response object, and the sequence of events that streams it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from tests.support.shapes import CREATED, REPLY_ID, Json, ToolCall, pieces, prompt_text, tokens


def response(request: Json, text: str, calls: Sequence[ToolCall] = (), status: str = "completed") -> Json:
    """The response object; while `in_progress` it has no output and no usage."""
    done = status == "completed"
    return {
        "id": REPLY_ID,
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": request.get("instructions"),
        "metadata": request.get("metadata") or {},
        "model": request.get("model", "echo"),
        "output": _output(text, calls) if done else [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": request.get("tools") or [],
        "top_p": 1.0,
        "usage": _response_usage(request, text) if done else None,
    }


def _response_usage(request: Json, text: str) -> Json:
    given = tokens(prompt_text("responses", request))
    return {
        "input_tokens": given,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": tokens(text),
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": given + tokens(text),
    }


def _output(text: str, calls: Sequence[ToolCall]) -> list[Json]:
    items = [_message_item("completed", [_part(text)])] if text or not calls else []
    return items + [_call_item(call, "completed", call.arguments) for call in calls]


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _message_item(status: str, content: list[Json]) -> Json:
    return {"id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": content}


def _call_item(call: ToolCall, status: str, arguments: str) -> Json:
    return {
        "id": f"fc_{call.id}",
        "type": "function_call",
        "status": status,
        "call_id": call.id,
        "name": call.name,
        "arguments": arguments,
    }


def response_deltas(request: Json, text: str, calls: Sequence[ToolCall] = (), size: int = 4) -> list[Json]:
    """The whole sequence of events, numbered, from `response.created` to `response.completed`."""
    begun = response(request, text, calls, "in_progress")
    events: list[Json] = [{"type": f"response.{name}", "response": begun} for name in ("created", "in_progress")]
    index = count()
    if text or not calls:
        events += _message_events(text, next(index), size)
    for call in calls:
        events += _call_events(call, next(index), size)
    events.append({"type": "response.completed", "response": response(request, text, calls)})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _message_events(text: str, index: int, size: int) -> Iterator[Json]:
    at = {"item_id": "msg_1", "output_index": index, "content_index": 0}
    added, done = _message_item("in_progress", []), _message_item("completed", [_part(text)])
    yield {"type": "response.output_item.added", "output_index": index, "item": added}
    yield {"type": "response.content_part.added", **at, "part": _part("")}
    for piece in pieces(text, size):
        yield {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
    yield {"type": "response.output_text.done", **at, "text": text, "logprobs": []}
    yield {"type": "response.content_part.done", **at, "part": _part(text)}
    yield {"type": "response.output_item.done", "output_index": index, "item": done}


def _call_events(call: ToolCall, index: int, size: int) -> Iterator[Json]:
    at = {"item_id": f"fc_{call.id}", "output_index": index}
    kind = "response.function_call_arguments"
    yield {"type": "response.output_item.added", "output_index": index, "item": _call_item(call, "in_progress", "")}
    for piece in pieces(call.arguments, size):
        yield {"type": f"{kind}.delta", **at, "delta": piece}
    yield {"type": f"{kind}.done", **at, "name": call.name, "arguments": call.arguments}
    done = _call_item(call, "completed", call.arguments)
    yield {"type": "response.output_item.done", "output_index": index, "item": done}
