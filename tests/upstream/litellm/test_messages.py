"""A provider sees all that was said, or the request is refused: nothing is left out without a word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from gateway.errors import UnsupportedParameter, UpstreamProtocolError
from gateway.upstream.litellm.adapter import LiteLlm
from gateway.upstream.litellm.providers import Provider
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.calls import chat, failure, read
from tests.upstream.litellm.conftest import at
from tests.upstream.litellm.test_other_providers import AMAZON, frame

MODELS = {
    Provider.ANTHROPIC: "claude-sonnet-4-5",
    Provider.BEDROCK: "eu.anthropic.claude-sonnet-4-5-v1:0",
    Provider.GEMINI: "gemini-2.5-flash",
}
TOOLS = [
    {
        "type": "function",
        "function": {"name": name, "parameters": {"type": "object", "properties": {"who": {"type": "string"}}}},
    }
    for name in "fg"
]
ASKED = {"role": "user", "content": "Who sells?"}


def called(call_id: str, name: str = "f", arguments: str = '{"who": "Ann"}') -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


def result(call_id: str, text: str = "nothing") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": text}


@pytest.fixture(params=MODELS)
async def any_provider(request: pytest.FixtureRequest, backend: ScriptedBackend) -> AsyncIterator[LiteLlm]:
    adapter = LiteLlm(at(backend, MODELS[request.param]), request.param)
    yield adapter
    await adapter.close()


async def sent(backend: ScriptedBackend, adapter: LiteLlm, messages: list[dict[str, Any]]) -> str:
    backend.reply_with(script.plain({}))
    with pytest.raises(UpstreamProtocolError):
        await adapter.send(chat("", messages=messages, tools=TOOLS))
    return orjson.dumps(backend.received[-1].json).decode()


async def test_a_refusal_is_what_the_assistant_said(backend: ScriptedBackend, any_provider: LiteLlm) -> None:
    refused = {"role": "assistant", "content": None, "refusal": "I cannot say that."}
    assert "I cannot say that." in await sent(backend, any_provider, [ASKED, refused, ASKED])


async def test_one_speaker_may_have_a_name(backend: ScriptedBackend, any_provider: LiteLlm) -> None:
    """As frameworks name the user and each of their agents."""
    said = (
        {"role": "assistant", "name": "seller", "content": "I do."},
        {"role": "assistant", "name": "buyer", "content": "Me too."},
    )
    sent_body = await sent(backend, any_provider, [{**ASKED, "name": "Ann"}, *said, {**ASKED, "name": "Ann"}])
    assert "I do." in sent_body
    assert "Me too." in sent_body


async def test_developers_give_instructions_too(backend: ScriptedBackend, any_provider: LiteLlm) -> None:
    said = await sent(backend, any_provider, [{"role": "developer", "content": "Be brief."}, ASKED])
    assert "Be brief." in said


LOST = {
    "a speaker without a name": ([{**ASKED, "name": "Ann"}, ASKED, {**ASKED, "name": "Ben"}], "messages.1.name"),
    "an assistant's audio": ([ASKED, {"role": "assistant", "audio": {"id": "a"}}, ASKED], "messages.1.audio"),
    "a list of arguments": ([ASKED, calling(called("c", arguments='["x"]')), result("c")], "messages.1.tool_calls.0"),
    "arguments that are no JSON": ([ASKED, calling(called("c", arguments="x")), result("c")], "messages.1.tool_calls.0"),
}


@pytest.mark.parametrize("what", LOST)
async def test_what_no_provider_takes_is_refused(backend: ScriptedBackend, any_provider: LiteLlm, what: str) -> None:
    messages, place = LOST[what]
    with pytest.raises(UnsupportedParameter) as refused:
        await any_provider.send(chat("", messages=messages, tools=TOOLS))
    assert refused.value.param == place
    assert not backend.received


DOUBLES = {
    "two calls of one id": (
        {Provider.ANTHROPIC, Provider.BEDROCK},
        [ASKED, calling(called("c"), called("c", "g")), result("c")],
    ),
    "two results of one id": ({Provider.BEDROCK}, [ASKED, calling(called("c")), result("c", "one"), result("c", "two")]),
    "two equal calls": ({Provider.GEMINI}, [ASKED, calling(called("c"), called("d")), result("c"), result("d")]),
}


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("what", DOUBLES)
async def test_doubles_are_refused_where_one_would_be_lost(backend: ScriptedBackend, what: str, provider: Provider) -> None:
    loses, messages = DOUBLES[what]
    adapter = LiteLlm(at(backend, MODELS[provider]), provider)
    if provider in loses:
        with pytest.raises(UnsupportedParameter):
            await adapter.send(chat("", messages=messages, tools=TOOLS))
        assert not backend.received
    else:
        said = await sent(backend, adapter, messages)
        assert said.count("Ann") == sum(len(message.get("tool_calls", ())) for message in messages)
    await adapter.close()


async def test_an_answer_without_a_choice_is_none(backend: ScriptedBackend) -> None:
    adapter = LiteLlm(at(backend, MODELS[Provider.GEMINI]), Provider.GEMINI)
    candidate = {"index": 0, "finishReason": "MALFORMED_FUNCTION_CALL"}
    usage = {"promptTokenCount": 12, "totalTokenCount": 12}
    backend.reply_with(script.plain({"candidates": [candidate], "usageMetadata": usage, "responseId": "r"}))
    assert type(await failure(adapter, chat("hi"))) is UpstreamProtocolError
    await adapter.close()


FULL = "model_context_window_exceeded"


async def test_an_answer_that_the_context_cut_off_does_not_look_whole(backend: ScriptedBackend) -> None:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "c", "content": [{"type": "text", "text": "x"}]}
    bedrock_message = {"role": "assistant", "content": [{"text": "x"}]}
    bedrock_usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
    whole = {
        Provider.ANTHROPIC: {**message, "stop_reason": FULL, "usage": usage},
        Provider.BEDROCK: {"output": {"message": bedrock_message}, "stopReason": FULL, "usage": bedrock_usage},
    }
    for provider, answer in whole.items():
        adapter = LiteLlm(at(backend, MODELS[provider]), provider)
        backend.reply_with(script.plain(answer))
        (read_answer,) = await read(await adapter.send(chat("hi")))
        assert read_answer["choices"][0]["finish_reason"] == "length"
        await adapter.close()


async def test_nor_does_a_stream(backend: ScriptedBackend) -> None:
    usage = {"input_tokens": 1, "output_tokens": 1}
    start = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "c", "usage": usage}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": FULL, "stop_sequence": None}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]
    frames = [
        frame("messageStart", {"role": "assistant"}),
        frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "x"}}),
        frame("contentBlockStop", {"contentBlockIndex": 0}),
        frame("messageStop", {"stopReason": FULL}),
    ]
    streams = {
        Provider.ANTHROPIC: script.deltas(events, done=False),
        Provider.BEDROCK: script.raw(b"".join(frames), content_type=AMAZON),
    }
    for provider, stream in streams.items():
        adapter = LiteLlm(at(backend, MODELS[provider]), provider)
        backend.reply_with(stream)
        deltas = await read(await adapter.send(chat("hi", stream=True)))
        reasons = [choice["finish_reason"] for delta in deltas for choice in delta["choices"]]
        assert [reason for reason in reasons if reason] == ["length"]
        await adapter.close()
