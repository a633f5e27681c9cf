"""The OpenAI Python SDK, unmodified: chat, completions, embeddings, models. Only its base URL is ours."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam

from tests.clients.people import ALICE, ASK, ASK_ZH, MAIL, ZHANG, leaked, placeholders
from tests.support import script, shapes
from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway


def ask(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def test_the_guard_of_these_tests_notices_what_a_backend_hears() -> None:
    assert leaked(f'{{"content":"{ASK}"}}'.encode()) == [ALICE, "Alice", "Johnson", MAIL]
    assert leaked(rb'{"content":"\u5f20\u4f1f"}') == [ZHANG]
    assert leaked(b'{"content":"<PERSON_1>"}') == []


def test_the_environment_alone_points_a_client_here(
    gateway: RunningGateway, backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", gateway.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", gateway.key)
    with OpenAI() as client:
        answer = client.chat.completions.create(model=MODEL, messages=ask(ASK))
    assert answer.choices[0].message.content == ASK
    assert gateway.key.encode() not in backend.wire_bytes


@pytest.mark.parametrize(("text", "found"), [(ASK, 2), (ASK_ZH, 2), (ASK + ASK_ZH, 4)])
def test_chat(client: OpenAI, backend: ScriptedBackend, text: str, found: int) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=ask(text))
    assert answer.choices[0].message.content == text
    assert len(placeholders(backend.received[0])) == found
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_every_choice_is_restored(client: OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=ask(ASK), n=2)
    assert [(choice.index, choice.message.content) for choice in answer.choices] == [(0, ASK), (1, ASK)]


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_a_streamed_chat(client: OpenAI, backend: ScriptedBackend, size: int) -> None:
    text = ASK + ASK_ZH
    backend.reply_with(lambda request: script.text(request, *shapes.echo_texts(request.surface, request.json), size=size))
    chunks = list(client.chat.completions.create(model=MODEL, messages=ask(text), stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == text
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert not any(chunk.usage for chunk in chunks)


def test_a_stream_with_usage_and_two_choices(client: OpenAI) -> None:
    said = {0: "", 1: ""}
    stream = client.chat.completions.create(
        model=MODEL, messages=ask(ASK), n=2, stream=True, stream_options={"include_usage": True}
    )
    *chunks, last = stream
    for chunk in chunks:
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
    assert said == {0: ASK, 1: ASK}
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens > 0


def test_the_streaming_helper(client: OpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, messages=ask(ASK)) as stream:
        said = "".join(event.delta for event in stream if event.type == "content.delta")
        final = stream.get_final_completion()
    assert said == ASK
    assert final.choices[0].message.content == ASK


def test_content_parts(client: OpenAI, backend: ScriptedBackend) -> None:
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": [{"type": "text", "text": f"You serve {ALICE}."}]},
            {"role": "user", "content": [{"type": "text", "text": ASK}, {"type": "text", "text": ASK_ZH}]},
        ],
    )
    assert answer.choices[0].message.content == ASK + ASK_ZH
    sent = backend.received[0].json["messages"]
    assert sent[0]["content"][0]["text"] == f"You serve {sent[1]['content'][0]['text'].split()[3]}."


def test_completions(client: OpenAI) -> None:
    answer = client.completions.create(model=MODEL, prompt=[ASK, ASK_ZH])
    assert [choice.text for choice in answer.choices] == [ASK, ASK_ZH]


def test_streamed_completions(client: OpenAI) -> None:
    stream = client.completions.create(model=MODEL, prompt=ASK, stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == ASK


def test_embeddings(client: OpenAI, backend: ScriptedBackend) -> None:
    """The SDK asks for base64 by default and turns it into floats itself."""
    answer = client.embeddings.create(model=MODEL, input=[ASK, "plain text"])
    sent = backend.received[0].json
    assert sent["encoding_format"] == "base64"
    assert sent["input"][1] == "plain text"
    assert [each.embedding for each in answer.data] == [shapes.vector(text) for text in sent["input"]]
    assert answer.usage.prompt_tokens > 0


def test_embeddings_as_floats_and_as_base64(client: OpenAI, backend: ScriptedBackend) -> None:
    floats = client.embeddings.create(model=MODEL, input=ASK, encoding_format="float").data[0].embedding
    packed: Any = client.embeddings.create(model=MODEL, input=ASK, encoding_format="base64").data[0].embedding
    assert floats == shapes.vector(backend.received[0].json["input"])
    assert list(struct.unpack(f"<{shapes.DIMENSIONS}f", base64.b64decode(packed))) == floats  # left as it was asked for


def test_models(client: OpenAI, backend: ScriptedBackend) -> None:
    assert [model.id for model in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).id == MODEL
    assert backend.received == []


def test_a_principal_without_the_right_to_restore_sees_placeholders(
    client: OpenAI, analyst_key: str, backend: ScriptedBackend
) -> None:
    answer = client.with_options(api_key=analyst_key).chat.completions.create(model=MODEL, messages=ask(ASK))
    assert answer.choices[0].message.content == backend.received[0].json["messages"][0]["content"]


async def test_async_chat_and_stream(async_client: AsyncOpenAI) -> None:
    answer = await async_client.chat.completions.create(model=MODEL, messages=ask(ASK))
    assert answer.choices[0].message.content == ASK
    stream = await async_client.chat.completions.create(model=MODEL, messages=ask(ASK_ZH), stream=True)
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == ASK_ZH


async def test_async_completions_embeddings_and_models(async_client: AsyncOpenAI, backend: ScriptedBackend) -> None:
    stream = await async_client.completions.create(model=MODEL, prompt=ASK, stream=True)
    assert "".join([chunk.choices[0].text async for chunk in stream]) == ASK
    vectors = await async_client.embeddings.create(model=MODEL, input=ASK_ZH)
    assert vectors.data[0].embedding == shapes.vector(backend.received[1].json["input"])
    assert [model.id async for model in async_client.models.list()] == [MODEL]


async def test_an_async_client_that_leaves_ends_the_backend_call(async_client: AsyncOpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: script.text(request, "hello there").stalled_after(400))
    stream = await async_client.chat.completions.create(model=MODEL, messages=ask(ASK), stream=True)
    await anext(aiter(stream))
    await stream.close()
    await backend.saw_disconnect()
