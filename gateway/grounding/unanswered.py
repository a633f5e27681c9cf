"""The answer that no model gave: that the documents do not say anything about it, in the shape of the surface. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.protocol.wire import JsonObject, Surface

_NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_NO_RESPONSE_TOKENS = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """`id` is a part of the answer's id, `now` seconds since 1970, `count` how many answers of chats and completions were asked
    for: they are all the same.
    """

    text: str = field(repr=False)
    model: str
    id: str
    now: int
    count: int = 1

    def events(self, surface: Surface, *, streaming: bool, with_usage: bool = False) -> Iterator[JsonObject]:
        """The one object of a plain answer, or the events of a stream."""
        if surface is Surface.RESPONSES:
            return self._response_events() if streaming else iter([self._response(done=True)])
        if surface is Surface.COMPLETIONS:
            return self._texts(with_usage) if streaming else iter([self._text()])
        return self._chunks(with_usage) if streaming else iter([self._completion()])

    def _texts(self, with_usage: bool) -> Iterator[JsonObject]:
        head = self._head("text_completion", "cmpl-")
        for choice in self._text_choices():
            yield {**head, "choices": [choice]}
        if with_usage:
            yield {**head, "choices": [], "usage": _NO_TOKENS}

    def _text(self) -> JsonObject:
        return {**self._head("text_completion", "cmpl-"), "choices": self._text_choices(), "usage": _NO_TOKENS}

    def _text_choices(self) -> list[JsonObject]:
        return self._each({"text": self.text, "logprobs": None, "finish_reason": "stop"})

    def _completion(self) -> JsonObject:
        message = {"role": "assistant", "content": self.text, "refusal": None}
        said = {"message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head("chat.completion"), "choices": self._each(said), "usage": _NO_TOKENS}

    def _chunks(self, with_usage: bool) -> Iterator[JsonObject]:
        head = self._head("chat.completion.chunk")
        delta = {"role": "assistant", "content": self.text}
        begun, ended = {"delta": delta, "finish_reason": None}, {"delta": {}, "finish_reason": "stop"}
        for said in (begun, ended):
            for choice in self._each({**said, "logprobs": None}):
                yield {**head, "choices": [choice]}
        if with_usage:
            yield {**head, "choices": [], "usage": _NO_TOKENS}

    def _each(self, said: JsonObject) -> list[JsonObject]:
        return [{"index": index, **said} for index in range(self.count)]

    def _head(self, kind: str, prefix: str = "chatcmpl-") -> JsonObject:
        return {"id": f"{prefix}{self.id}", "object": kind, "created": self.now, "model": self.model}

    def _response(self, *, done: bool) -> JsonObject:
        return {
            "id": f"resp_{self.id}",
            "object": "response",
            "created_at": self.now,
            "status": "completed" if done else "in_progress",
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "model": self.model,
            "output": [self._message(done=True)] if done else [],
            "parallel_tool_calls": True,
            "temperature": None,
            "tool_choice": "auto",
            "tools": [],
            "top_p": None,
            "usage": _NO_RESPONSE_TOKENS if done else None,
        }

    def _message(self, *, done: bool) -> JsonObject:
        content = [self._part(self.text)] if done else []
        status = "completed" if done else "in_progress"
        return {"id": f"msg_{self.id}", "type": "message", "role": "assistant", "status": status, "content": content}

    def _part(self, text: str) -> JsonObject:
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def _response_events(self) -> Iterator[JsonObject]:
        for number, event in enumerate(self._bare_events()):
            yield {**event, "sequence_number": number}

    def _bare_events(self) -> Iterator[JsonObject]:
        item = {"output_index": 0}
        part = {**item, "item_id": f"msg_{self.id}", "content_index": 0}
        yield {"type": "response.created", "response": self._response(done=False)}
        yield {"type": "response.in_progress", "response": self._response(done=False)}
        yield {"type": "response.output_item.added", **item, "item": self._message(done=False)}
        yield {"type": "response.content_part.added", **part, "part": self._part("")}
        yield {"type": "response.output_text.delta", **part, "delta": self.text, "logprobs": []}
        yield {"type": "response.output_text.done", **part, "text": self.text, "logprobs": []}
        yield {"type": "response.content_part.done", **part, "part": self._part(self.text)}
        yield {"type": "response.output_item.done", **item, "item": self._message(done=True)}
        yield {"type": "response.completed", "response": self._response(done=True)}
