"""A prompt that is longer than the model's context, told by OpenAI's code.

Clients shorten a conversation when an error has the code `context_length_exceeded`, and give up at every other 400. Servers of
models say the same in words of their own: vLLM `vllm/renderers/params.py` (and before that OpenAI's old words), SGLang
`srt/managers/tokenizer_manager.py`, TGI `router/src/validation.rs`, llama.cpp `server-context.cpp`.
"""

from __future__ import annotations

import re

from gateway.protocol.wire import JsonObject

_CODE = "context_length_exceeded"
_TYPE = "exceed_context_size_error"
"""llama.cpp's."""
_WORDS = re.compile(
    r'[^\[{"]{0,200}?(?:'
    r"(?:maximum|model's) context length is|longer than the (?:model's context|maximum model) length"
    r"|exceeds the (?:available context size|model's maximum context length)"
    r"|`inputs` (?:tokens \+ `max_new_tokens` must be <=|must have less than))"
)
"""From the beginning, and before any bracket or quotation mark: behind these, other refusals repeat what the client said."""
_OF_THE_ANSWER = "is too large"
"""vLLM: what was asked for is a longer answer than there is room for, and no shorter conversation need help."""


def with_code(error: JsonObject) -> JsonObject:
    """The `error` of a refusal. It is the same object where a code says why already, or the reason is another one."""
    message = error.get("message")
    if isinstance(error.get("code"), str) or not isinstance(message, str):
        return error
    if error.get("type") != _TYPE and (not _WORDS.match(message) or _OF_THE_ANSWER in message):
        return error
    return {**error, "code": _CODE}
