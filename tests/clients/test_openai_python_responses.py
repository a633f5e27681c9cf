"""The OpenAI Python SDK, unmodified: the responses surface."""

from __future__ import annotations

import json

import pytest
from openai import AsyncOpenAI, BadRequestError, OpenAI
from openai.types.responses import EasyInputMessageParam, FunctionToolParam, ResponseFunctionToolCall, ResponseInputTextParam
from pydantic import BaseModel

from tests.clients.people import ALICE, ASK, ASK_QUOTED, ASK_ZH, BOB, MAIL, ZHANG, one, placeholders
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.gateway import MODEL
from tests.support.script import Request, Script
from tests.support.shapes import ToolCall

TOOL: FunctionToolParam = {
    "type": "function",
    "name": "send_mail",
    "description": f"Sends a mail for {ALICE}.",
    "parameters": {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]},
    "strict": False,
}


class Contact(BaseModel):
    name: str


def call(request: Request) -> Script:
    return script.tool_calls(request, ToolCall("send_mail", json.dumps({"to": placeholders(request)[0]})), size=3)


def test_a_response(client: OpenAI) -> None:
    answer = client.responses.create(model=MODEL, input=ASK, instructions=f"You serve {ALICE}.", metadata={"for": MAIL})
    assert answer.output_text == ASK
    assert (answer.instructions, answer.metadata) == (f"You serve {ALICE}.", {"for": MAIL})
    assert answer.usage is not None
    assert answer.usage.output_tokens > 0


def test_a_response_to_content_parts(client: OpenAI) -> None:
    part: ResponseInputTextParam = {"type": "input_text", "text": ASK_ZH}
    message: EasyInputMessageParam = {"role": "user", "content": [part]}
    answer = client.responses.create(model=MODEL, input=[message])
    assert answer.output_text == ASK_ZH


def test_a_streamed_response(client: OpenAI) -> None:
    events = list(client.responses.create(model=MODEL, input=ASK + ASK_ZH, stream=True))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == ASK + ASK_ZH
    (done,) = [event for event in events if event.type == "response.output_text.done"]
    assert done.text == ASK + ASK_ZH
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == ASK + ASK_ZH
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_the_streaming_helper(client: OpenAI) -> None:
    with client.responses.stream(model=MODEL, input=ASK) as stream:
        said = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert (said, final.output_text) == (ASK, ASK)


def test_a_function_call(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(call)
    (item,) = client.responses.create(model=MODEL, input=ASK_QUOTED, tools=[TOOL]).output
    assert isinstance(item, ResponseFunctionToolCall)
    assert (item.name, json.loads(item.arguments)) == ("send_mail", {"to": BOB})


def test_a_streamed_function_call(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(call)
    events = list(client.responses.create(model=MODEL, input=ASK_QUOTED, tools=[TOOL], stream=True))
    joined = "".join(event.delta for event in events if event.type == "response.function_call_arguments.delta")
    (done,) = [event for event in events if event.type == "response.function_call_arguments.done"]
    assert json.loads(joined) == json.loads(done.arguments) == {"to": BOB}


def test_the_tool_loop(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(call)
    (item,) = client.responses.create(model=MODEL, input=ASK, tools=[TOOL]).output
    assert isinstance(item, ResponseFunctionToolCall)
    backend.reply_with(lambda request: script.text(request, json.loads(request.json["input"][2]["output"])["to"]))
    answer = client.responses.create(
        model=MODEL,
        tools=[TOOL],
        input=[
            {"role": "user", "content": ASK},
            item.to_dict(),  # type: ignore[list-item]  # the item goes back as it came
            {"type": "function_call_output", "call_id": item.call_id, "output": json.dumps({"to": MAIL})},
        ],
    )
    assert answer.output_text == MAIL
    sent = backend.received[1].json["input"]
    assert json.loads(sent[1]["arguments"]) == {"to": one(backend.received[1], "PERSON")}


def test_a_parsed_response(client: OpenAI, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: script.text(request, json.dumps({"name": one(request, "PERSON")})))
    assert client.responses.parse(model=MODEL, input=ASK_QUOTED, text_format=Contact).output_parsed == Contact(name=BOB)


def test_state_that_a_backend_would_keep_is_refused(client: OpenAI, backend: ScriptedBackend) -> None:
    with pytest.raises(BadRequestError, match="Send the conversation in 'input'") as refused:
        client.responses.create(model=MODEL, input=ASK, previous_response_id="resp_1")
    assert (refused.value.code, refused.value.param) == ("stateful_request", "previous_response_id")
    assert backend.received == []


def test_items_by_reference_are_refused_where_policy_keeps_none(client: OpenAI, backend: ScriptedBackend) -> None:
    with pytest.raises(BadRequestError, match="`store: false`") as refused:
        client.responses.create(
            model=MODEL, input=[{"role": "user", "content": ASK}, {"type": "item_reference", "id": "msg_1"}]
        )
    assert (refused.value.code, refused.value.param) == ("stateful_request", "input")
    assert backend.received == []


async def test_async_responses(async_client: AsyncOpenAI) -> None:
    assert (await async_client.responses.create(model=MODEL, input=ASK)).output_text == ASK
    stream = await async_client.responses.create(model=MODEL, input=ASK_ZH, stream=True)
    said = [event.delta async for event in stream if event.type == "response.output_text.delta"]
    assert "".join(said) == ASK_ZH
    async with async_client.responses.stream(model=MODEL, input=f"{ZHANG}说你好") as helped:
        assert (await helped.get_final_response()).output_text == f"{ZHANG}说你好"
