"""The scripted backend must be what the official client takes for OpenAI: else the suite would test a fiction."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.support import script
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.shapes import ToolCall, vector

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello 张伟"}]


@pytest.fixture
def backend() -> Iterator[ScriptedBackend]:
    with backend_in_thread() as scripted:
        yield scripted


@pytest.fixture
def client(backend: ScriptedBackend) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=backend.url, api_key="sk-test", max_retries=0) as sdk:
        yield sdk


def test_chat(client: openai.OpenAI) -> None:
    plain = client.chat.completions.create(model="m", messages=MESSAGES, n=2)
    assert [choice.message.content for choice in plain.choices] == ["hello 张伟"] * 2
    stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1]) == "hello 张伟"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 4


def test_completions_models_and_embeddings(client: openai.OpenAI) -> None:
    assert client.completions.create(model="m", prompt=["a", "b"]).choices[1].text == "b"
    assert [model.id for model in client.models.list()] == ["echo"]
    assert [row.embedding for row in client.embeddings.create(model="m", input=["a", "b"]).data] == [vector("a"), vector("b")]


def test_responses(client: openai.OpenAI) -> None:
    assert client.responses.create(model="m", input="hello").output_text == "hello"
    with client.responses.stream(model="m", input="hello") as stream:
        kinds = [event.type for event in stream]
        assert stream.get_final_response().output_text == "hello"
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"


def test_tool_calls_take_turns(backend: ScriptedBackend, client: openai.OpenAI) -> None:
    calls = ToolCall("mail", '{"to": "a"}', "call_1"), ToolCall("call", '{"who": "b"}', "call_2")
    backend.reply_with(lambda request: script.tool_calls(request, *calls, size=3).cut_every(5))
    with client.chat.completions.stream(model="m", messages=MESSAGES) as stream:
        made = stream.get_final_completion().choices[0].message.tool_calls or []
    assert [(call.function.name, call.function.arguments) for call in made] == [(c.name, c.arguments) for c in calls]
    answer = client.responses.create(model="m", input="x", stream=True)
    done = [event.arguments for event in answer if event.type == "response.function_call_arguments.done"]
    assert done == [call.arguments for call in calls]


def test_what_was_received_is_on_show(backend: ScriptedBackend, client: openai.OpenAI) -> None:
    backend.reply_with(script.error(429, "slow down"))
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="m", messages=MESSAGES)
    (request,) = backend.received
    assert (request.method, request.path, request.headers["authorization"]) == (
        "POST",
        "/v1/chat/completions",
        "Bearer sk-test",
    )
    assert request.json["messages"] == MESSAGES
    assert "张伟".encode() in backend.wire_bytes
    assert b"Bearer sk-test" in backend.wire_bytes
    assert backend.open_connections == 1


async def test_a_client_that_hangs_up_is_noticed(backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: script.text(request, "hello").stalled_after(300))
    async with openai.AsyncOpenAI(base_url=backend.url, api_key="sk-test") as client:
        stream = await client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
        await anext(aiter(stream))
        assert backend.disconnects == 0
        await stream.close()
        await backend.saw_disconnect()
    with pytest.raises(AssertionError, match="hung up"):
        await ScriptedBackend().saw_disconnect(within_s=0.01)


def test_a_script_is_cut_where_it_says() -> None:
    assert list(script.raw(b"abcdef").cut_at(2, 3, 99).pieces()) == [b"ab", b"c", b"def"]
    assert list(script.raw(b"abc").cut_every(1).pieces()) == [b"a", b"b", b"c"]
    assert list(script.deltas([{"a": 1}]).cut_at_events().pieces()) == [b'data: {"a":1}\n\n', b"data: [DONE]\n\n"]
    assert script.deltas([{"a": 1}]).without_done().body == b'data: {"a":1}\n\n'
