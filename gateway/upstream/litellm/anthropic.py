"""Anthropic's Messages API: https://docs.anthropic.com/en/api/messages and .../streaming."""

from __future__ import annotations

from typing import Any

import orjson

from gateway.protocol.wire import JsonObject
from gateway.upstream.litellm.dialect import Wire, Wish
from gateway.upstream.litellm.library import litellm, part
from gateway.upstream.litellm.messages import require_all_calls
from gateway.upstream.litellm.raw import NoLog, ended, response_of, sse_objects


class Anthropic:
    stream_type = "text/event-stream"

    def __init__(self) -> None:
        self._config = part("llms.anthropic.chat.transformation", "AnthropicConfig")()

    def supported(self, model: str) -> frozenset[str]:
        return frozenset(self._config.get_supported_openai_params(model=model))

    def wire(self, wish: Wish, key: str) -> Wire:
        messages, model = list(wish.messages), wish.model
        mapped = self._config.map_openai_params(
            non_default_params=dict(wish.parameters), optional_params={}, model=model, drop_params=False
        )
        as_json = bool(mapped.pop("json_mode", False))
        headers = self._config.validate_environment(
            headers={}, model=model, messages=messages, optional_params=mapped, litellm_params={}, api_key=key
        )
        body = self._config.transform_request(
            model=model, messages=messages, optional_params=mapped, litellm_params={}, headers=headers
        )
        require_all_calls(wish, body, call="tool_use", result="tool_result")
        if wish.stream:
            body["stream"] = True
        return Wire(path="/v1/messages", headers=headers, body=body, notes={"as_json": as_json})

    def answer(self, wish: Wish, wire: Wire, data: bytes) -> Any:
        return self._config.transform_response(
            model=wish.model,
            raw_response=response_of(orjson.dumps(_honest(orjson.loads(data)))),
            model_response=litellm().ModelResponse(),
            logging_obj=NoLog(),
            request_data=wire.body,
            messages=list(wish.messages),
            optional_params={},
            litellm_params={},
            encoding=None,
            json_mode=wire.notes["as_json"],
        )

    def chunks(self, wish: Wish, wire: Wire, max_line_bytes: int) -> _Chunks:  # noqa: ARG002 - others look at the wish
        return _Chunks(wire.notes["as_json"], max_line_bytes)


class _Chunks:
    def __init__(self, as_json: bool, max_line_bytes: int) -> None:
        iterator = part("llms.anthropic.chat.handler", "ModelResponseIterator")
        self._parse = iterator(streaming_response=None, sync_stream=False, json_mode=as_json).chunk_parser
        self._objects = sse_objects(max_line_bytes)

    def feed(self, data: bytes) -> list[Any]:
        return [self._parse(_told(each)) for each in self._objects(data)]


def _told(event: JsonObject) -> JsonObject:
    delta = event.get("delta")
    return {**event, "delta": _honest(delta)} if isinstance(delta, dict) else event


def _honest(said: JsonObject) -> JsonObject:
    return {**said, "stop_reason": ended(said["stop_reason"])} if "stop_reason" in said else said
