"""A chat request as a wish, and steps of generation as OpenAI's objects. Pure."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.fhe.client.generate import End, Piece, Step, Wish
from gateway.fhe.client.sampling import Taste
from gateway.fhe.model.chat import Turn, Untellable, prompt
from gateway.fhe.model.tokenizer import WordPieces
from gateway.protocol.wire import JsonObject

_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_UNSERVED = ("tools", "functions", "logprobs", "top_logprobs", "logit_bias", "presence_penalty", "frequency_penalty", "audio")
_MOST_STOPS = 4


class Unanswerable(Exception):
    """The client can mend it: the text says how, and `param` where."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param

    def body(self) -> JsonObject:
        """The refusal in OpenAI's shape."""
        return {"error": {"message": self.message, "type": "invalid_request_error", "param": self.param, "code": None}}


def wish_of(body: JsonObject, pieces: WordPieces, template: str, *, context: int, most: int) -> Wish:
    """Raises Unanswerable. `most` bounds the answer's tokens where the request does not, and where it wants more."""
    for name in _UNSERVED:
        if body.get(name):
            raise Unanswerable("the encrypted endpoint cannot do this", name)
    if body.get("n") not in (None, 1):
        raise Unanswerable("the encrypted endpoint gives one answer", "n")
    if (body.get("response_format") or {"type": "text"}) != {"type": "text"}:
        raise Unanswerable("the encrypted endpoint answers in plain text", "response_format")
    try:
        tokens = prompt(_turns(body.get("messages")), template, pieces)
    except Untellable:
        raise Unanswerable("the model's template refuses this conversation", "messages") from None
    asked = _number(body, "max_completion_tokens", 1, context, _number(body, "max_tokens", 1, context, most))
    if len(tokens) >= context:
        raise Unanswerable("the prompt is longer than the model's context", "messages")
    return Wish(prompt=tuple(tokens), most=int(min(asked, most, context - len(tokens))), taste=_taste(body), stops=_stops(body))


def _turns(messages: Any) -> list[Turn]:
    if not isinstance(messages, list) or not messages:
        raise Unanswerable("messages must be a list with at least one message", "messages")
    return [_turn(message) for message in messages]


def _turn(message: Any) -> Turn:
    role = message.get("role") if isinstance(message, dict) else None
    if not isinstance(role, str) or role not in _ROLES:
        raise Unanswerable("the encrypted endpoint knows the roles system, user and assistant", "messages")
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    said = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    texts = [text for text in said if isinstance(text, str)]
    if len(texts) != len(parts):
        raise Unanswerable("the encrypted endpoint reads text and nothing else", "messages")
    return Turn(_ROLES[role], "\n".join(texts))


def _taste(body: JsonObject) -> Taste:
    seed = body.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise Unanswerable("seed must be an integer", "seed")
    return Taste(
        temperature=_number(body, "temperature", 0, 2, 1.0),
        top_p=_number(body, "top_p", 0, 1, 1.0),
        seed=None if seed is None else abs(seed),
    )


def _stops(body: JsonObject) -> tuple[str, ...]:
    stop = body.get("stop") or []
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or len(stops) > _MOST_STOPS or not all(isinstance(each, str) and each for each in stops):
        raise Unanswerable("stop must be a text, or at most 4 of them", "stop")
    return tuple(stops)


def _number(body: JsonObject, name: str, least: float, most: float, default: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Unanswerable(f"{name} must be a number from {least} to {most}", name)
    return value


@dataclass(frozen=True, slots=True)
class Answer:
    """Writes the objects of one answer."""

    model: str
    prompt_tokens: int
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, text: str, end: End) -> JsonObject:
        """A plain answer."""
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": end.reason}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage(end)}

    def delta(self, said: JsonObject, reason: str | None = None) -> JsonObject:
        """One event of a stream."""
        choice = {"index": 0, "delta": said, "logprobs": None, "finish_reason": reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def events(self, step: Step) -> Iterator[JsonObject]:
        """The events of a stream that tell of one step; the last one, without choices, has the tokens."""
        if isinstance(step, Piece) and step.text:
            yield self.delta({"content": step.text})
        elif isinstance(step, End):
            yield self.delta({}, step.reason)
            yield self._closing(step)

    def _closing(self, end: End) -> JsonObject:
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(end)}

    def _head(self, kind: str) -> JsonObject:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _usage(self, end: End) -> JsonObject:
        total = self.prompt_tokens + end.tokens
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": end.tokens, "total_tokens": total}
