"""Amazon Bedrock's Converse API with a Bedrock API key as bearer token; no other credentials of AWS are looked for.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and .../userguide/api-keys.html
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from gateway.errors import UpstreamProtocolError
from gateway.protocol.wire import JsonObject
from gateway.upstream.litellm.dialect import Wire, Wish
from gateway.upstream.litellm.library import litellm, part
from gateway.upstream.litellm.messages import require_all_calls
from gateway.upstream.litellm.raw import ended, response_of
from gateway.upstream.litellm.tool_names import ToolNames, tool_names


class Bedrock:
    stream_type = "application/vnd.amazon.eventstream"

    def __init__(self) -> None:
        self._config = part("llms.bedrock.chat.converse_transformation", "AmazonConverseConfig")()

    def supported(self, model: str) -> frozenset[str]:
        return frozenset(self._config.get_supported_openai_params(model=model))

    def wire(self, wish: Wish, key: str) -> Wire:
        names = tool_names(wish)
        wish = names.outward(wish)
        mapped = self._config.map_openai_params(
            non_default_params=dict(wish.parameters), optional_params={}, model=wish.model, drop_params=False
        )
        as_json = bool(mapped.pop("json_mode", False))
        body = self._config._transform_request(
            model=wish.model, messages=list(wish.messages), optional_params=mapped, litellm_params={}, headers={}
        )
        require_all_calls(wish, body, call="toolUse", result="toolResult")
        method = "converse-stream" if wish.stream else "converse"
        path = f"/model/{quote(wish.model, safe='')}/{method}"
        notes = {"as_json": as_json, "names": names}
        return Wire(path=path, headers={"Authorization": f"Bearer {key}"}, body=dict(body), notes=notes)

    def answer(self, wish: Wish, wire: Wire, data: bytes) -> Any:
        return self._config._transform_response(
            model=wish.model,
            response=response_of(orjson.dumps(_answered(orjson.loads(data), wire.notes["names"]))),
            model_response=litellm().ModelResponse(),
            stream=False,
            logging_obj=None,
            optional_params={"json_mode": wire.notes["as_json"]},
            api_key=None,
            data="",
            messages=list(wish.messages),
            encoding=None,
        )

    def chunks(self, wish: Wish, wire: Wire, max_line_bytes: int) -> _Chunks:
        return _Chunks(wish.model, wire.notes, max_line_bytes)


class _Chunks:
    """Amazon's binary frames, each with a JSON object. One that tells of an exception ends the stream."""

    def __init__(self, model: str, notes: Mapping[str, Any], max_frame_bytes: int) -> None:
        self._frames = importlib.import_module("botocore.eventstream").EventStreamBuffer()
        self._parse = part("llms.bedrock.chat.invoke_handler", "AWSEventStreamDecoder")(
            model=model, json_mode=notes["as_json"]
        ).converse_chunk_parser
        self._names: ToolNames = notes["names"]
        self._waiting = 0
        self._most = max_frame_bytes

    def feed(self, data: bytes) -> list[Any]:
        self._frames.add_data(data)
        frames = list(self._frames)
        self._waiting = 0 if frames else self._waiting + len(data)
        if self._waiting > self._most:
            raise UpstreamProtocolError("the backend sent a line or an event longer than the gateway's limit")
        return [self._parse(self._begun(_said(frame))) for frame in frames]

    def _begun(self, event: JsonObject) -> JsonObject:
        said = {**event, "start": self._names.inward(event["start"])} if "start" in event else event
        return {**said, "stopReason": ended(said["stopReason"])} if "stopReason" in said else said


def _answered(said: JsonObject, names: ToolNames) -> JsonObject:
    message = said["output"]["message"]
    parts = [names.inward(part) for part in message["content"]]
    return {**said, "output": {"message": {**message, "content": parts}}, "stopReason": ended(said["stopReason"])}


def _said(frame: Any) -> Any:
    if frame.headers.get(":message-type") != "event":
        raise ValueError("the stream tells of an exception")
    return orjson.loads(frame.payload)
