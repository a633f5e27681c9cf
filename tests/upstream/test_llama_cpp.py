"""The preset for llama.cpp beside llama.cpp's own server."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.cli.demo.model import model_file
from gateway.embedded.process import BackendProcess
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.base import Deployment, UpstreamCall
from gateway.upstream.openai_http import OpenAiHttp
from gateway.upstream.servers import Preset
from tests.support.calls import read

pytestmark = pytest.mark.slow

QUESTION: JsonObject = {"model": "m", "messages": [{"role": "user", "content": "Say hi."}], "max_tokens": 4, "stream": True}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log: Path = tmp_path_factory.mktemp("llama") / "log"
    with BackendProcess("model", ("127.0.0.1", port), [str(model_file())], log=log) as process:
        process.start()
        yield f"http://127.0.0.1:{port}/v1"


@pytest.fixture
async def upstream(url: str) -> AsyncIterator[OpenAiHttp]:
    adapter = OpenAiHttp(Deployment(id="local", base_url=url, server=Preset.LLAMA_CPP))
    yield adapter
    await adapter.close()


async def test_it_is_asked_how_it_is(upstream: OpenAiHttp) -> None:
    assert await upstream.healthy()


@pytest.mark.parametrize("asked", [False, True])
async def test_a_stream_is_counted_also_for_a_client_that_does_not_ask(upstream: OpenAiHttp, asked: bool) -> None:
    body = {**QUESTION, "stream_options": {"include_usage": True}} if asked else QUESTION
    reply = await upstream.send(UpstreamCall(surface=Surface.CHAT, body=body, stream=True))
    deltas = await read(reply)
    assert reply.tally is not None
    assert reply.tally.usage.output_tokens == 4
    assert [bool(delta.get("usage")) for delta in deltas[-2:]] == [False, asked]
    assert all(delta["choices"] for delta in deltas[:-1])


async def test_a_text_completion_tells_its_usage_unasked(upstream: OpenAiHttp) -> None:
    body = {"model": "m", "prompt": "hi", "max_tokens": 2, "stream": True}
    reply = await upstream.send(UpstreamCall(surface=Surface.COMPLETIONS, body=body, stream=True))
    deltas = await read(reply)
    assert deltas[-1]["usage"]["completion_tokens"] == 2
    assert deltas[-1]["choices"]
