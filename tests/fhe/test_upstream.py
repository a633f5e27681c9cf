"""The encrypted endpoint as one more upstream: chat, plain and streamed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable
from gateway.fhe.client.connection import Address
from gateway.fhe.client.generate import Generator
from gateway.fhe.server.serve import Server
from gateway.fhe.server.weights import ServedModel
from gateway.fhe.upstream import FheUpstream
from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.base import Timeouts, UpstreamCall
from tests.fhe.conftest import serving


@pytest.fixture
async def upstream(server: Address, generator: Generator) -> AsyncIterator[FheUpstream]:
    upstream = FheUpstream(server, generator)
    yield upstream
    await upstream.close()


def _call(stream: bool = False, surface: Surface = Surface.CHAT, **fields: Any) -> UpstreamCall:
    body = {"model": "private", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5, "temperature": 0}
    return UpstreamCall(surface=surface, body={**body, "stream": stream, **fields}, stream=stream)


async def _all(upstream: FheUpstream, call: UpstreamCall) -> list[JsonObject]:
    reply = await upstream.send(call)
    assert (reply.status, reply.streaming) == (200, call.stream)
    return [each async for each in reply.body]


def _said(events: list[JsonObject]) -> str:
    return "".join(choice["delta"].get("content", "") for event in events for choice in event["choices"])


async def test_a_plain_answer(upstream: FheUpstream) -> None:
    (answer,) = await _all(upstream, _call())
    completion = ChatCompletion.model_validate(answer)
    assert completion.model == "private"
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 5
    assert completion.usage.prompt_tokens == len("user\nhi\nassistant\n") + 3


async def test_a_stream_says_the_same(upstream: FheUpstream) -> None:
    (plain,) = await _all(upstream, _call())
    events = await _all(upstream, _call(stream=True, stream_options={"include_usage": True}))
    chunks = [ChatCompletionChunk.model_validate(event) for event in events]
    assert _said(events) == plain["choices"][0]["message"]["content"]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"
    assert events[-1]["usage"] == plain["usage"]
    tally = Tally(Surface.CHAT)
    for event in events:
        tally.see(event)
    assert tally.finished


async def test_the_record_learns_the_tokens_of_every_stream(upstream: FheUpstream) -> None:
    """Also where the client does not ask for them; and every event of the answer says something."""
    reply = await upstream.send(_call(stream=True))
    first, *others = [event async for event in reply.body]
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert all(event["choices"][0]["delta"] or event["choices"][0]["finish_reason"] for event in others)
    assert reply.tally is not None
    assert reply.tally.usage.output_tokens == 5


async def test_who_leaves_before_the_greeting_leaves_no_connection(served_tiny: ServedModel, generator: Generator) -> None:
    server = Server(served_tiny)
    with serving(server) as address:
        upstream = FheUpstream(address, generator)
        call = asyncio.create_task(upstream.send(_call(stream=True)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await upstream.close()
        assert not upstream._opening
        async with asyncio.timeout(10):
            while server.open:
                await asyncio.sleep(0.01)


async def test_a_connection_that_opens_while_it_is_closed(server: Address, generator: Generator) -> None:
    upstream = FheUpstream(server, generator)
    call = asyncio.create_task(upstream.send(_call(stream=True)))
    while not upstream._opening:
        await asyncio.sleep(0)
    await upstream.close()
    with pytest.raises(UpstreamUnreachable):
        await call


async def test_a_text_that_marks_a_turn_is_text(upstream: FheUpstream) -> None:
    """Whoever types the end of a turn does not end it: each letter is a token."""
    (plain,) = await _all(upstream, _call(messages=[{"role": "user", "content": "<|end|>"}]))
    assert plain["usage"]["prompt_tokens"] == len("user\n<|end|>\nassistant\n") + 3


async def test_connections_are_used_again(served_tiny: ServedModel, generator: Generator) -> None:
    server = Server(served_tiny)
    with serving(server) as address:
        upstream = FheUpstream(address, generator)
        for _ in range(2):
            await _all(upstream, _call())
            assert server.open == 1
        await upstream.close()


async def test_a_reply_that_nobody_reads_hangs_up(served_tiny: ServedModel, generator: Generator) -> None:
    server = Server(served_tiny)
    with serving(server) as address:
        upstream = FheUpstream(address, generator)
        unread = await upstream.send(_call(stream=True))
        begun = await upstream.send(_call(stream=True, max_tokens=200))
        for _ in range(3):
            await anext(begun.body)
        await unread.body.aclose()
        await begun.body.aclose()
        assert await upstream.healthy()
        assert len(upstream._idle) == 1
        assert not upstream._busy
        await upstream.close()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{}]}, "tools"),
        ({"logprobs": True}, "logprobs"),
        ({"presence_penalty": 0.5}, "presence_penalty"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 600}]}, "messages"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": True}, "top_p"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"stop": [""]}, "stop"),
        ({"seed": "x"}, "seed"),
    ],
)
async def test_what_it_cannot_do_is_refused(fields: dict[str, Any], param: str, upstream: FheUpstream) -> None:
    reply = await upstream.send(_call(**fields))
    (refusal,) = [each async for each in reply.body]
    assert reply.status == 400
    assert refusal["error"]["param"] == param


async def test_other_surfaces_are_for_another_deployment(upstream: FheUpstream) -> None:
    assert (await upstream.send(_call(surface=Surface.EMBEDDINGS))).status == 404


async def test_parts_of_text_are_text(upstream: FheUpstream) -> None:
    parts = [{"type": "text", "text": "h"}, {"type": "text", "text": "i"}]
    (answer,) = await _all(upstream, _call(messages=[{"role": "developer", "content": parts}]))
    assert answer["usage"]["prompt_tokens"] == len("system\nh\ni\nassistant\n") + 3


async def test_time_is_up(server: Address, generator: Generator) -> None:
    timeouts = Timeouts(first_byte_s=0.2, between_bytes_s=0.2, total_s=0.2)
    upstream = FheUpstream(server, generator, timeouts=timeouts)
    with pytest.raises(UpstreamTimeout):
        await upstream.send(_call(max_tokens=250))
    await upstream.close()


async def test_nobody_is_there(generator: Generator) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = Address(host="127.0.0.1", port=free.getsockname()[1])
    upstream = FheUpstream(address, generator)
    assert not await upstream.healthy()
    with pytest.raises(UpstreamUnreachable):
        await upstream.send(_call())


async def test_a_server_that_goes_away_in_the_middle(served_tiny: ServedModel, generator: Generator) -> None:
    with serving(Server(served_tiny)) as address:
        upstream = FheUpstream(address, generator)
        reply = await upstream.send(_call(stream=True, max_tokens=200))
        await anext(reply.body)
    with pytest.raises(UpstreamError):
        async for _ in reply.body:
            pass
    await upstream.close()
    with pytest.raises(UpstreamUnreachable):
        await upstream.send(_call())
    assert upstream.place.port == address.port
