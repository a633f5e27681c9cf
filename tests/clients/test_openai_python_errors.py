"""The OpenAI Python SDK, unmodified: every refusal becomes the exception that its users already catch."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.clients.people import ASK
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL
from tests.support.script import Script


def chat(client: OpenAI, content: Any = ASK, model: str = MODEL) -> Any:
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}])


def with_key(client: OpenAI, key: str) -> OpenAI:
    return client.with_options(api_key=key)


def test_an_unknown_key(client: OpenAI, backend: ScriptedBackend) -> None:
    with pytest.raises(openai.AuthenticationError) as refused:
        chat(with_key(client, "pgw_nobody"))
    assert (refused.value.code, refused.value.type) == ("invalid_api_key", "authentication_error")
    with pytest.raises(openai.AuthenticationError):
        with_key(client, "pgw_nobody").models.list()
    assert backend.received == []


def test_what_policy_blocks(client: OpenAI, backend: ScriptedBackend) -> None:
    with pytest.raises(openai.PermissionDeniedError, match="CREDIT_CARD") as refused:
        chat(client, "Charge my card 4111 1111 1111 1111 now.")
    assert refused.value.code == "entity_blocked"
    assert "4111" not in str(refused.value.body)
    assert backend.received == []


def test_a_model_that_is_not_there(client: OpenAI, backend: ScriptedBackend) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        chat(client, model="gpt-unknown")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-unknown")
    assert backend.received == []


def test_a_model_that_a_rule_denies(client: OpenAI, guest_key: str, backend: ScriptedBackend) -> None:
    guest = with_key(client, guest_key)
    with pytest.raises(openai.PermissionDeniedError, match=r"principals\.guest\.models") as refused:
        chat(guest)
    assert refused.value.code == "policy_denied"
    with pytest.raises(openai.NotFoundError):
        guest.models.retrieve(MODEL)
    assert list(guest.models.list()) == []
    assert backend.received == []


@pytest.mark.parametrize(
    ("content", "code", "param"),
    [
        ([], "malformed_body", "messages"),
        ([{"role": "user", "content": 7}], "malformed_body", "messages.0.content"),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}],
            "uninspectable_content",
            "messages.0.content.0",
        ),
    ],
)
def test_requests_that_the_client_can_mend(
    client: OpenAI, backend: ScriptedBackend, content: Any, code: str, param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model=MODEL, messages=content)
    assert (refused.value.code, refused.value.param) == (code, param)
    assert refused.value.request_id is not None
    assert refused.value.request_id.startswith("req_")
    assert backend.received == []


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (script.error(500), 502, "upstream_error"),
        (script.error(401), 502, "upstream_error"),
        (script.html(), 502, "upstream_error"),
        (script.hang_up(), 502, "upstream_truncated"),
        (script.raw(b"{", "application/json"), 502, "upstream_protocol_error"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_backend_that_fails(
    client: OpenAI, backend: ScriptedBackend, reply: Script, status: int, code: str, stream: bool
) -> None:
    backend.reply_with(reply)
    with pytest.raises(openai.InternalServerError) as refused:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": ASK}], stream=stream)
    assert (refused.value.status_code, refused.value.code) == (status, code)
    assert "Alice" not in str(refused.value.body)


def test_a_backend_that_is_busy(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(script.error(429, "too many", code="rate_limit").with_header("Retry-After", "7"))
    with pytest.raises(openai.RateLimitError) as refused:
        chat(client)
    assert refused.value.response.headers["retry-after"] == "7"


def test_the_sdk_tries_again_where_the_backend_failed_once(client: OpenAI, backend: ScriptedBackend) -> None:
    replies = [script.error(503).with_header("Retry-After", "0"), None]
    backend.reply_with(lambda request: replies.pop(0) or script.echo(request))
    assert chat(client.with_options(max_retries=1)).choices[0].message.content == ASK
    assert len(backend.received) == 2


@pytest.mark.parametrize("surface", ["chat", "completions"])
def test_a_stream_that_breaks_off(client: OpenAI, backend: ScriptedBackend, surface: str) -> None:
    """What had arrived is the client's, and then it learns that this was not all."""
    backend.reply_with(lambda request: script.text(request, "hello there, how are you").dropped_after(600))
    received = []
    with pytest.raises(openai.APIError) as broken:  # noqa: PT012 - the exception comes out of the iteration
        for chunk in _stream(client, surface):
            received.append(chunk)
    assert broken.value.code == "upstream_truncated"
    assert received


def _stream(client: OpenAI, surface: str) -> Any:
    if surface == "completions":
        return client.completions.create(model=MODEL, prompt=ASK, stream=True)
    return client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": ASK}], stream=True)


def test_an_error_inside_a_stream(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(script.error_event(f"no memory for {ASK}"))
    with pytest.raises(openai.APIError) as broken:
        list(_stream(client, "chat"))
    assert broken.value.code == "upstream_error"
    assert "Alice" not in str(broken.value.body)


def test_a_response_stream_that_breaks_off_ends_with_an_error_event(client: OpenAI, backend: ScriptedBackend) -> None:
    """On this surface OpenAI reports errors as events, and so does the SDK."""
    backend.reply_with(lambda request: script.text(request, "hello there").dropped_after(3_000))
    events = list(client.responses.create(model=MODEL, input=ASK, stream=True))
    assert events[-1].type == "error"
    assert events[-1].code == "upstream_truncated"


async def test_async_errors(async_client: AsyncOpenAI, backend: ScriptedBackend) -> None:
    stranger = async_client.with_options(api_key="pgw_nobody")
    with pytest.raises(openai.AuthenticationError):
        await stranger.responses.create(model=MODEL, input=ASK)
    backend.reply_with(script.error(500))
    with pytest.raises(openai.InternalServerError):
        await async_client.completions.create(model=MODEL, prompt=ASK)
