"""Which part of a client's request is handed to litellm. Pure.

Its functions take far more than OpenAI's parameters: addresses, keys, other models to fall back on, servers to fetch tools
from. So only what is named here is handed on. What says nothing to a model is left out; the rest is refused, which is more
honest than an answer to another question.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.errors import UnsupportedParameter
from gateway.protocol.wire import JsonObject, is_data_uri
from gateway.upstream.litellm.dialect import Wish
from gateway.upstream.litellm.messages import handed_on
from gateway.upstream.litellm.schemas import is_too_large

_MEANT_FOR_MODELS = frozenset(
    """temperature top_p stop max_tokens max_completion_tokens tools tool_choice parallel_tool_calls response_format
    reasoning_effort seed n presence_penalty frequency_penalty logprobs top_logprobs""".split()
)
_MEANT_FOR_OTHERS = frozenset(
    """model messages stream stream_options user safety_identifier metadata store service_tier prompt_cache_key
    prompt_cache_retention""".split()
)
_AS_IF_UNSAID: JsonObject = {"n": 1, "presence_penalty": 0, "frequency_penalty": 0, "logprobs": False, "top_logprobs": 0}


def wish_of(body: JsonObject, model: str, supported: frozenset[str], *, stream: bool) -> Wish:
    """Raises UnsupportedParameter, with the name of the field, for what this model's provider cannot take."""
    said = {name: value for name, value in body.items() if value is not None and name not in _MEANT_FOR_OTHERS}
    said = {name: value for name, value in said.items() if _AS_IF_UNSAID.get(name, ...) != value}
    if surplus := sorted(said.keys() - (_MEANT_FOR_MODELS & supported)):
        raise UnsupportedParameter("The provider of this model has no such parameter.", param=_shown(surplus[0]))
    for index, tool in enumerate(_list(said.get("tools"))):
        if not isinstance(tool, dict) or tool.get("type") != "function":
            raise UnsupportedParameter("Only functions can be tools of this model.", param=f"tools.{index}.type")
    for name in ("tools", "response_format"):
        if is_too_large(said.get(name)):
            raise UnsupportedParameter(
                "With its references written out, this schema is too large for the provider.", param=name
            )
    messages = _list(body.get("messages"))
    for place in _fetched(messages):
        raise UnsupportedParameter(
            "A message to the provider of this model has texts, and images as data: URLs, and no other parts.", param=place
        )
    return Wish(model=model, messages=handed_on(messages), parameters=said, stream=stream)


def _shown(name: str) -> str | None:
    """A name that OpenAI has. Any other is the client's text."""
    return name if name in _MEANT_FOR_MODELS else None


def _fetched(messages: list[Any]) -> Iterator[str]:
    """Parts that litellm would fetch from somewhere, or that it does not know."""
    for at, message in enumerate(messages):
        content = message.get("content") if isinstance(message, dict) else None
        for index, part in enumerate(_list(content)):
            if not _is_here(part):
                yield f"messages.{at}.content.{index}"


def _is_here(part: object) -> bool:
    """Whether a part of a message has all that it says in itself."""
    if not isinstance(part, dict) or part.get("type") not in ("text", "image_url"):
        return False
    if part["type"] == "text":
        return True
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    return isinstance(url, str) and is_data_uri(url)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
