"""langchain-openai, unmodified: chat models, tools, structured output, embeddings."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import tiktoken
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, SecretStr

from tests.clients.people import ALICE, ASK, ASK_QUOTED, ASK_ZH, BOB, MAIL, ZHANG, one, placeholders
from tests.support import script, shapes
from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.script import Request, Script
from tests.support.shapes import ToolCall


class Contact(BaseModel):
    """Somebody to write to."""

    name: str


@tool
def send_mail(to: str) -> str:
    """Sends a mail for Alice Johnson."""
    return f"sent to {to}"


@pytest.fixture
async def transport() -> AsyncIterator[openai.DefaultAsyncHttpxClient]:
    """LangChain never closes the connections of its own async client; these end with the test."""
    async with openai.DefaultAsyncHttpxClient() as made:
        yield made


@pytest.fixture
def sync_transport() -> Iterator[openai.DefaultHttpxClient]:
    """Nor those of its embeddings' client, which are then left to whoever collects the garbage."""
    with openai.DefaultHttpxClient() as made:
        yield made


@pytest.fixture
def chat(gateway: RunningGateway) -> ChatOpenAI:
    return chat_model(gateway)


def chat_model(gateway: RunningGateway, **options: Any) -> ChatOpenAI:
    return ChatOpenAI(base_url=gateway.base_url, api_key=SecretStr(gateway.key), model=MODEL, max_retries=0, **options)


def embedder(gateway: RunningGateway, **options: Any) -> OpenAIEmbeddings:
    key = SecretStr(gateway.key)
    return OpenAIEmbeddings(base_url=gateway.base_url, api_key=key, model=MODEL, max_retries=0, **options)


def call(request: Request) -> Script:
    arguments = json.dumps({"to": placeholders(request)[0]})
    return script.tool_calls(request, ToolCall("send_mail", arguments), size=3)


def contact(request: Request) -> Script:
    """A model that answers as it was asked to: by a tool call where there is a tool, else with a document."""
    document = json.dumps({"name": one(request, "PERSON")})
    if request.json.get("tools"):
        return script.tool_calls(request, ToolCall("Contact", document))
    return script.text(request, document)


def test_invoke(chat: ChatOpenAI, backend: ScriptedBackend) -> None:
    answer = chat.invoke([SystemMessage(f"You serve {ALICE}."), HumanMessage(ASK + ASK_ZH)])
    assert answer.content == ASK + ASK_ZH
    assert answer.response_metadata["finish_reason"] == "stop"
    assert [message["role"] for message in backend.received[0].json["messages"]] == ["system", "user"]


def test_stream(chat: ChatOpenAI) -> None:
    chunks = list(chat.stream(ASK_ZH, stream_usage=True))
    assert "".join(str(chunk.content) for chunk in chunks) == ASK_ZH
    (counted,) = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
    assert counted["total_tokens"] > 0


async def test_async_invoke_and_stream(gateway: RunningGateway, transport: openai.DefaultAsyncHttpxClient) -> None:
    chat = chat_model(gateway, http_async_client=transport)
    assert (await chat.ainvoke(ASK)).content == ASK
    assert "".join([str(chunk.content) async for chunk in chat.astream(ASK)]) == ASK


def test_the_tool_loop(chat: ChatOpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(call)
    able = chat.bind_tools([send_mail])
    asked = HumanMessage(ASK_QUOTED)
    called = able.invoke([asked])
    assert isinstance(called, AIMessage)
    assert [made["args"] for made in called.tool_calls] == [{"to": BOB}]
    result = send_mail.invoke(called.tool_calls[0])
    assert isinstance(result, ToolMessage)
    backend.reply_with(lambda request: script.text(request, request.json["messages"][2]["content"]))
    assert able.invoke([asked, called, result]).content == f"sent to {BOB}"


def test_streamed_tool_calls(chat: ChatOpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(call)
    first, *rest = chat.bind_tools([send_mail]).stream(ASK_QUOTED)
    assert isinstance(first, AIMessageChunk)
    whole: Any = first
    for chunk in rest:
        whole = whole + chunk
    assert [made["args"] for made in whole.tool_calls] == [{"to": BOB}]


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_structured_output(chat: ChatOpenAI, backend: ScriptedBackend, method: Any) -> None:
    backend.reply_with(contact)
    assert chat.with_structured_output(Contact, method=method).invoke(ASK_QUOTED) == Contact(name=BOB)


def test_the_responses_surface(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    chat = chat_model(gateway, use_responses_api=True)
    assert chat.invoke(ASK).text == ASK
    assert "".join(chunk.text for chunk in chat.stream(ASK_ZH)) == ASK_ZH
    assert {request.surface for request in backend.received} == {"responses"}


def test_embeddings_of_text(
    gateway: RunningGateway, backend: ScriptedBackend, sync_transport: openai.DefaultHttpxClient
) -> None:
    embeddings = embedder(gateway, check_embedding_ctx_length=False, http_client=sync_transport)
    found = embeddings.embed_documents([ASK, "plain text"])
    assert found == [shapes.vector(text) for text in backend.received[0].json["input"]]
    assert backend.received[0].json["input"][1] == "plain text"


async def test_async_embeddings_of_text(
    gateway: RunningGateway, backend: ScriptedBackend, transport: openai.DefaultAsyncHttpxClient
) -> None:
    embeddings = embedder(gateway, check_embedding_ctx_length=False, http_async_client=transport)
    found = await embeddings.aembed_query(f"{ZHANG}的邮箱是{MAIL}")
    assert found == shapes.vector(backend.received[0].json["input"][0])


@pytest.fixture
def tokenizer(monkeypatch: pytest.MonkeyPatch) -> tiktoken.Encoding:
    """tiktoken downloads its vocabularies; one of single bytes makes the same kind of request without a network."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    bytewise = tiktoken.Encoding("bytes", pat_str=".", mergeable_ranks=ranks, special_tokens={})
    monkeypatch.setattr(tiktoken, "encoding_for_model", lambda _: bytewise)
    monkeypatch.setattr(tiktoken, "get_encoding", lambda _: bytewise)
    return bytewise


def test_embeddings_of_token_ids_are_refused_with_the_reason(
    gateway: RunningGateway,
    backend: ScriptedBackend,
    tokenizer: tiktoken.Encoding,
    sync_transport: openai.DefaultHttpxClient,
) -> None:
    """LangChain's default is to send token ids, which nobody can look into for names."""
    with pytest.raises(openai.BadRequestError, match=r"\(tokens\) cannot be inspected") as refused:
        embedder(gateway, http_client=sync_transport).embed_query(ASK)
    assert (refused.value.code, refused.value.param) == ("uninspectable_content", "input")
    assert backend.received == []


def test_embeddings_of_token_ids_pass_where_policy_says_so(
    backend: ScriptedBackend, tokenizer: tiktoken.Encoding, sync_transport: openai.DefaultHttpxClient, tmp_path: Path
) -> None:
    with running_gateway(tmp_path, policy_text(backend.url, tenant="allow_uninspected: [tokens]")) as open_gateway:
        embeddings = embedder(open_gateway, http_client=sync_transport)
        assert len(embeddings.embed_query("plain text")) == shapes.DIMENSIONS
    assert backend.received[0].json["input"] == [tokenizer.encode("plain text")]
