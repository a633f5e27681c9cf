"""The limits of time and size, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import (
    UpstreamProtocolError,
    UpstreamTimeout,
)
from gateway.upstream.base import Timeouts
from gateway.upstream.openai_http import OpenAiHttp
from tests.support import script
from tests.support.backend import ScriptedBackend
from tests.support.calls import chat, deployment, failure, read, said
from tests.support.script import Request, Script


def nothing_after(size: int) -> Callable[[Request], Script]:
    return lambda request: script.text(request, "hello").stalled_after(size)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("scripted", "limits"),
    [
        (script.silence(), {"first_byte_s": 0.05}),
        (nothing_after(0), {"first_byte_s": 0.05}),
        (nothing_after(20), {"between_bytes_s": 0.05}),
        (script.silence(), {"total_s": 0.05}),
        (nothing_after(20), {"total_s": 0.05}),
        (lambda request: script.text(request, "hello").cut_every(1).slow(0.01), {"total_s": 0.05}),
    ],
)
async def test_a_backend_that_is_too_slow_times_out(
    backend: ScriptedBackend, scripted: Any, limits: dict[str, float], stream: bool
) -> None:
    upstream = OpenAiHttp(deployment(backend, timeouts=Timeouts(**limits)))
    backend.reply_with(scripted)
    error = await failure(upstream, chat(stream=stream))
    await backend.saw_disconnect()
    await upstream.close()
    assert (type(error), error.status) == (UpstreamTimeout, 504)


async def test_a_stream_that_falls_silent_after_a_delta_times_out(backend: ScriptedBackend) -> None:
    upstream = OpenAiHttp(deployment(backend, timeouts=Timeouts(between_bytes_s=0.1)))
    backend.reply_with(nothing_after(400))
    reply = await upstream.send(chat(stream=True))
    assert (await anext(reply.body))["choices"]
    with pytest.raises(UpstreamTimeout):
        async with asyncio.timeout(30):
            await read(reply)
    await backend.saw_disconnect()
    await upstream.close()


async def test_a_slow_drip_within_the_limits_is_whole(backend: ScriptedBackend) -> None:
    """It takes longer than the longest silence allowed, because it is never silent for so long."""
    upstream = OpenAiHttp(deployment(backend, timeouts=Timeouts(first_byte_s=20.0, between_bytes_s=1.0)))
    backend.reply_with(lambda request: script.text(request, "hello " * 60).slow(0.02))
    assert said(await read(await upstream.send(chat(stream=True)))) == "hello " * 60
    await upstream.close()


async def test_a_client_that_reads_slowly_is_not_the_backends_silence(backend: ScriptedBackend) -> None:
    upstream = OpenAiHttp(deployment(backend, timeouts=Timeouts(between_bytes_s=1.0)))
    backend.reply_with(lambda request: script.text(request, "hello " * 5).slow(0.01))
    reply, deltas = await upstream.send(chat(stream=True)), []
    async for delta in reply.body:
        deltas.append(delta)
        await asyncio.sleep(1.2 if len(deltas) == 4 else 0)
    assert said(deltas) == "hello " * 5
    await upstream.close()


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_over_the_size_limit_is_refused(backend: ScriptedBackend, stream: bool) -> None:
    upstream = OpenAiHttp(deployment(backend, max_reply_bytes=2_000))
    error = await failure(upstream, chat("Alice " * 1_000, stream=stream))
    await upstream.close()
    assert type(error) is UpstreamProtocolError
