"""What litellm's translators are handed in place of its own client's things."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import orjson

from gateway.protocol.sse import SseDecoder
from gateway.protocol.wire import JsonObject


class NoLog:
    """Stands for the object that litellm logs to. It keeps nothing."""

    optional_params: Mapping[str, Any] = MappingProxyType({})
    model_call_details: Mapping[str, Any] = MappingProxyType({})

    def post_call(self, *_: object, **__: object) -> None:
        """Hears of an answer."""


def response_of(data: bytes) -> Any:
    """A whole answer, as a client of litellm's would have had it: an `httpx.Response`."""
    return importlib.import_module("httpx").Response(200, content=data, headers={"content-type": "application/json"})


def sse_objects(max_line_bytes: int) -> Callable[[bytes], list[JsonObject]]:
    """Bytes of server-sent events to the JSON objects in them. Raises what orjson does, and UpstreamProtocolError."""
    decoder = SseDecoder(max_line_bytes)
    return lambda data: [orjson.loads(event.data) for event in decoder.feed(data)]


def ended(reason: Any) -> Any:
    """Why a provider stopped. Of a full context litellm makes `stop`, as if the answer were whole."""
    return "max_tokens" if reason == "model_context_window_exceeded" else reason
