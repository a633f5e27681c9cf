"""Google's Gemini API with a key: https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from typing import Any

from gateway.protocol.wire import JsonObject
from gateway.upstream.litellm.dialect import Wire, Wish
from gateway.upstream.litellm.library import litellm, part
from gateway.upstream.litellm.messages import require_all_calls
from gateway.upstream.litellm.raw import NoLog, response_of, sse_objects

_READING = "llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini"


class Gemini:
    stream_type = "text/event-stream"

    def __init__(self) -> None:
        self._config = part("llms.gemini.chat.transformation", "GoogleAIStudioGeminiConfig")()
        self._transform = part("llms.vertex_ai.gemini.transformation", "_transform_request_body")

    def supported(self, model: str) -> frozenset[str]:
        return frozenset(self._config.get_supported_openai_params(model=model))

    def wire(self, wish: Wish, key: str) -> Wire:
        mapped = self._config.map_openai_params(
            non_default_params=dict(wish.parameters), optional_params={}, model=wish.model, drop_params=False
        )
        body = self._transform(
            messages=list(wish.messages),
            model=wish.model,
            optional_params=mapped,
            custom_llm_provider="gemini",
            litellm_params={},
            cached_content=None,
        )
        require_all_calls(wish, body, call="function_call", result="function_response")
        method = "streamGenerateContent?alt=sse" if wish.stream else "generateContent"
        return Wire(path=f"/models/{wish.model}:{method}", headers={"x-goog-api-key": key}, body=dict(body))

    def answer(self, wish: Wish, wire: Wire, data: bytes) -> Any:
        return self._config.transform_response(
            model=wish.model,
            raw_response=response_of(data),
            model_response=litellm().ModelResponse(),
            logging_obj=NoLog(),
            request_data=wire.body,
            messages=list(wish.messages),
            optional_params={},
            litellm_params={},
            encoding=None,
        )

    def chunks(self, wish: Wish, wire: Wire, max_line_bytes: int) -> _Chunks:  # noqa: ARG002 - others look at both
        return _Chunks(max_line_bytes)


class _Chunks:
    def __init__(self, max_line_bytes: int) -> None:
        iterator = part(_READING, "ModelResponseIterator")
        self._parse = iterator(streaming_response=None, sync_stream=False, logging_obj=NoLog()).chunk_parser
        self._objects = sse_objects(max_line_bytes)

    def feed(self, data: bytes) -> list[Any]:
        return [self._chunk(each) for each in self._objects(data)]

    def _chunk(self, event: JsonObject) -> Any:
        """litellm says `stop` where the provider has not said how it ended: a stream that is cut off would look whole."""
        chunk = self._parse(event)
        ended = {candidate.get("index", 0) for candidate in event.get("candidates", ()) if "finishReason" in candidate}
        for choice in () if chunk is None or "promptFeedback" in event else chunk.choices:
            if choice.index not in ended:
                choice.finish_reason = None
        return chunk
