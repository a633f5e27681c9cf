"""Bedrock takes fewer names of tools than OpenAI does: each call gets its own back, whoever else asked before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.upstream.litellm.adapter import LiteLlm
from gateway.upstream.litellm.dialect import Wish
from gateway.upstream.litellm.providers import Provider
from gateway.upstream.litellm.tool_names import tool_names
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.calls import chat, read
from tests.upstream.litellm.conftest import at
from tests.upstream.litellm.test_other_providers import AMAZON, frame

MODEL = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}


def calling(name: str) -> Any:
    message = {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": name, "input": {}}}]}
    usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
    return script.plain({"output": {"message": message}, "stopReason": "tool_use", "usage": usage})


def called(answer: dict[str, Any]) -> str:
    return str(answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"])


@pytest.fixture
async def others(backend: ScriptedBackend) -> AsyncIterator[LiteLlm]:
    adapter = LiteLlm(at(backend, MODEL), Provider.BEDROCK)
    yield adapter
    await adapter.close()


@pytest.fixture
async def bedrock(backend: ScriptedBackend) -> AsyncIterator[LiteLlm]:
    adapter = LiteLlm(at(backend, MODEL), Provider.BEDROCK)
    yield adapter
    await adapter.close()


async def test_a_name_of_others_comes_back_to_nobody(backend: ScriptedBackend, bedrock: LiteLlm, others: LiteLlm) -> None:
    backend.reply_with(calling("look_up_merger_with_acme"))
    for adapter, name in ((others, "look-up-merger-with-acme"), (bedrock, "look_up_merger_with_acme")):
        (answer,) = await read(await adapter.send(chat("hi", tools=[tool(name)])))
        assert called(answer) == name


async def test_no_name_is_forgotten_among_many(backend: ScriptedBackend, bedrock: LiteLlm) -> None:
    names = [f"tool-{nth}" for nth in range(250)]
    backend.reply_with(calling("tool_0"))
    (answer,) = await read(await bedrock.send(chat("hi", tools=[tool(name) for name in names])))
    assert called(answer) == "tool-0"
    sent = [one["toolSpec"]["name"] for one in backend.received[0].json["toolConfig"]["tools"]]
    assert sent == [name.replace("-", "_") for name in names]


async def test_names_that_would_become_one_stay_two(backend: ScriptedBackend, bedrock: LiteLlm) -> None:
    names = ["look-up", "look_up", "look.up"]
    for sent, name in zip(("look_up_2", "look_up", "look_up_3"), names, strict=True):
        backend.reply_with(calling(sent))
        (answer,) = await read(await bedrock.send(chat("hi", tools=[tool(one) for one in names])))
        assert called(answer) == name


async def test_in_a_stream_and_in_what_went_before(backend: ScriptedBackend, bedrock: LiteLlm) -> None:
    use = {"toolUse": {"toolUseId": "t1", "name": "look_up"}}
    frames = [
        frame("messageStart", {"role": "assistant"}),
        frame("contentBlockStart", {"contentBlockIndex": 0, "start": use}),
        frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{}"}}}),
        frame("contentBlockStop", {"contentBlockIndex": 0}),
        frame("messageStop", {"stopReason": "tool_use"}),
    ]
    backend.reply_with(script.raw(b"".join(frames), content_type=AMAZON))
    earlier = [
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look-up", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "nothing"},
    ]
    choice = {"type": "function", "function": {"name": "look-up"}}
    call = chat("hi", stream=True, messages=earlier, tools=[tool("look-up")], tool_choice=choice)
    names = [
        each["function"]["name"]
        for delta in await read(await bedrock.send(call))
        for one in delta["choices"]
        for each in one["delta"].get("tool_calls", ())
        if "name" in each["function"]
    ]
    assert names == ["look-up"]
    sent = backend.received[0].json
    assert sent["messages"][1]["content"][0]["toolUse"]["name"] == "look_up"
    assert sent["toolConfig"]["toolChoice"] == {"tool": {"name": "look_up"}}


@pytest.mark.parametrize(
    ("name", "sent"), [("3d-model", "a3d_model"), ("json-tool-call", "json_tool_call_2"), ("查询", "a__"), ("fine_1", None)]
)
def test_how_a_name_is_spelled(name: str, sent: str | None) -> None:
    wish = Wish(model=MODEL, messages=[], parameters={"tools": [tool(name)]}, stream=False)
    assert tool_names(wish).sent.get(name) == sent
