"""The OpenAI Python SDK, unmodified: tool calls, the tool loop, and answers that are JSON documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionChunk, ChatCompletionFunctionToolParam, ChatCompletionMessageParam
from openai.types.chat.chat_completion_message_function_tool_call import ChatCompletionMessageFunctionToolCall
from pydantic import BaseModel

from tests.clients.people import ALICE, ASK, ASK_QUOTED, ASK_ZH, BOB, KEY, MAIL, MOBILE, ZHANG, one, placeholders
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL
from tests.support.script import Request, Script
from tests.support.shapes import ToolCall

TOOL: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {
        "name": "send_mail",
        "description": f"Sends a mail. The sender is always {ALICE}.",
        "parameters": {
            "type": "object",
            "properties": {"to": {"type": "string", "examples": [MAIL]}},
            "required": ["to"],
        },
    },
}

CASES = [
    pytest.param(ASK, [ALICE, MAIL], id="English"),
    pytest.param(ASK_ZH, [ZHANG, MOBILE], id="Chinese"),
    pytest.param(ASK_QUOTED, [BOB], id="quotes"),
    pytest.param(f"The key is:\n{KEY}", [KEY], id="line breaks"),
]


class Contact(BaseModel):
    name: str
    mail: str


def call_with_everything(size: int = 4) -> Callable[[Request], Script]:
    """A model that calls the tool with every placeholder of the last message, in one list and one sentence."""

    def scripted(request: Request) -> Script:
        seen = [each for each in placeholders(request) if each in str(request.json["messages"][-1]["content"])]
        arguments = json.dumps({"values": seen, "text": f'say "{" and ".join(seen)}"'})
        return script.tool_calls(request, ToolCall("send_mail", arguments), ToolCall("log", "{}", "call_2"), size=size)

    return scripted


def call_for(values: list[str]) -> dict[str, Any]:
    """What the client must read: the same arguments, with its own values."""
    return {"values": values, "text": f'say "{" and ".join(values)}"'}


def ask(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def joined(chunks: Iterable[ChatCompletionChunk]) -> dict[int, str]:
    """The arguments of each call of the first choice, put together as every client does."""
    arguments: dict[int, str] = {}
    for chunk in chunks:
        for fragment in chunk.choices[0].delta.tool_calls or ():
            assert fragment.function is not None
            arguments[fragment.index] = arguments.get(fragment.index, "") + (fragment.function.arguments or "")
    return arguments


@pytest.mark.parametrize(("text", "values"), CASES)
def test_a_tool_call(client: OpenAI, backend: ScriptedBackend, text: str, values: list[str]) -> None:
    backend.reply_with(call_with_everything())
    answer = client.chat.completions.create(model=MODEL, messages=ask(text), tools=[TOOL])
    first, second = answer.choices[0].message.tool_calls or []
    assert isinstance(first, ChatCompletionMessageFunctionToolCall)
    assert isinstance(second, ChatCompletionMessageFunctionToolCall)
    assert (first.id, first.function.name, json.loads(first.function.arguments)) == ("call_1", "send_mail", call_for(values))
    assert (second.id, second.function.arguments) == ("call_2", "{}")
    assert answer.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize(("text", "values"), CASES)
def test_a_streamed_tool_call(client: OpenAI, backend: ScriptedBackend, text: str, values: list[str], size: int) -> None:
    backend.reply_with(call_with_everything(size))
    chunks = list(client.chat.completions.create(model=MODEL, messages=ask(text), tools=[TOOL], stream=True))
    arguments = joined(chunks)
    assert json.loads(arguments[0]) == call_for(values)
    assert arguments[1] == "{}"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["tool_calls"]


def test_the_streaming_helper_collects_tool_calls(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(call_with_everything(3))
    with client.chat.completions.stream(model=MODEL, messages=ask(ASK), tools=[TOOL]) as stream:
        (call, _) = stream.get_final_completion().choices[0].message.tool_calls or []
    assert json.loads(call.function.arguments) == call_for([ALICE, MAIL])


async def test_an_async_streamed_tool_call(async_client: AsyncOpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(call_with_everything(2))
    stream = await async_client.chat.completions.create(model=MODEL, messages=ask(ASK_QUOTED), tools=[TOOL], stream=True)
    assert json.loads(joined([chunk async for chunk in stream])[0]) == call_for([BOB])


def test_the_tool_loop(client: OpenAI, backend: ScriptedBackend) -> None:
    """The SDK's message goes back as it came, the tool's result after it; each value keeps one placeholder throughout."""
    backend.reply_with(call_with_everything())
    messages = ask(ASK)
    called = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).choices[0].message
    result = json.dumps({"status": "sent", "to": MAIL, "name": ALICE, "cc": ZHANG})
    messages += [
        called.to_dict(),  # type: ignore[list-item]  # what the SDK's documentation says to do
        {"role": "tool", "tool_call_id": "call_1", "content": result},
        {"role": "tool", "tool_call_id": "call_2", "content": "done"},
    ]
    backend.reply_with(lambda request: script.text(request, json.loads(request.json["messages"][2]["content"])["to"]))
    answer = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])
    assert answer.choices[0].message.content == MAIL
    first, second = backend.received
    assert json.loads(second.json["messages"][1]["tool_calls"][0]["function"]["arguments"])["values"] == placeholders(first)[:2]
    told = json.loads(second.json["messages"][2]["content"])
    assert (told["name"], told["to"]) == tuple(placeholders(first)[:2])
    assert told["status"] == "sent"


def contact_of(request: Request) -> Script:
    """A model that answers with the document it was asked for."""
    document = {"name": one(request, "PERSON"), "mail": one(request, "EMAIL_ADDRESS")}
    return script.text(request, json.dumps(document), size=3)


def test_a_json_schema_answer(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(contact_of)
    answer = client.chat.completions.create(
        model=MODEL,
        messages=ask(f"{ASK_QUOTED} His address is {MAIL}."),
        response_format={"type": "json_schema", "json_schema": {"name": "contact", "schema": Contact.model_json_schema()}},
    )
    assert json.loads(answer.choices[0].message.content or "") == {"name": BOB, "mail": MAIL}


def test_a_parsed_answer(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(contact_of)
    messages = ask(f"{ASK_QUOTED} His address is {MAIL}.")
    answer = client.chat.completions.parse(model=MODEL, messages=messages, response_format=Contact)
    assert answer.choices[0].message.parsed == Contact(name=BOB, mail=MAIL)


def test_a_parsed_stream(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(contact_of)
    messages = ask(f"{ASK_QUOTED} His address is {MAIL}.")
    with client.chat.completions.stream(model=MODEL, messages=messages, response_format=Contact) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.parsed == Contact(name=BOB, mail=MAIL)


async def test_an_async_parsed_answer(async_client: AsyncOpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(contact_of)
    messages = ask(f"{ASK_ZH}邮箱是{MAIL}。")
    answer = await async_client.chat.completions.parse(model=MODEL, messages=messages, response_format=Contact)
    assert answer.choices[0].message.parsed == Contact(name=ZHANG, mail=MAIL)
