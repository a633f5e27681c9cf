"""What of a client's request reaches litellm."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import InvalidRequest
from gateway.upstream.litellm.request import wish_of

SUPPORTED = frozenset({"temperature", "tools", "max_tokens", "stop", "n", "extra_headers", "mcp_servers", "thinking"})
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def said(content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


def test_what_models_need_is_handed_on() -> None:
    body = {"model": "x", "messages": said("hi"), "temperature": 0.1, "stop": ["a"], "max_tokens": None, "user": "u-1", "n": 1}
    wish = wish_of(body, "claude", SUPPORTED, stream=True)
    assert (wish.model, wish.messages, wish.stream) == ("claude", said("hi"), True)
    assert wish.parameters == {"temperature": 0.1, "stop": ["a"]}


@pytest.mark.parametrize(
    "name",
    """api_base base_url api_key api_version fallbacks model_list mock_response custom_llm_provider extra_headers headers
    mcp_servers callbacks success_callback cache caching thinking timeout max_retries client input_cost_per_token functions
    vertex_credentials aws_role_name aws_sts_endpoint extra_body litellm_params metadata_url seed""".split(),
)
def test_what_litellm_would_obey_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        wish_of({"messages": said("hi"), name: "http://elsewhere.example"}, "claude", SUPPORTED, stream=False)


def test_the_name_of_an_unknown_field_is_not_repeated() -> None:
    with pytest.raises(InvalidRequest) as refused:
        wish_of({"messages": said("hi"), "Alice Example": 1}, "claude", SUPPORTED, stream=False)
    assert refused.value.param is None
    with pytest.raises(InvalidRequest) as refused:
        wish_of({"messages": said("hi"), "logprobs": True}, "claude", SUPPORTED, stream=False)
    assert refused.value.param == "logprobs"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest/meta-data"}},
        {"type": "image_url", "image_url": "https://elsewhere.example/a.png"},
        {"type": "image_url", "image_url": {"url": "gs://bucket/a.png"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
        "text",
    ],
)
def test_nothing_is_fetched_for_a_client(part: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        wish_of({"messages": said([{"type": "text", "text": "hi"}, part])}, "claude", SUPPORTED, stream=False)
    assert refused.value.param == "messages.0.content.1"


def test_an_image_that_is_there_passes() -> None:
    messages = said([{"type": "image_url", "image_url": {"url": PIXEL}}])
    assert wish_of({"messages": messages}, "claude", SUPPORTED, stream=False).messages == messages


@pytest.mark.parametrize("tool", [{"type": "mcp", "server_url": "http://x"}, {"type": "web_search_20250305"}, {}, "f"])
def test_only_functions_are_tools(tool: object) -> None:
    with pytest.raises(InvalidRequest):
        wish_of({"messages": said("hi"), "tools": [tool]}, "claude", SUPPORTED, stream=False)
