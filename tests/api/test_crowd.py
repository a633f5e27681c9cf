"""Who comes when a process is full is told so as OpenAI's clients expect it: over real connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from openai import AsyncOpenAI, InternalServerError

from gateway.cli.serve.server import AnnouncingServer


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Of a server for one connection."""
    told = asyncio.Queue[int]()
    app = FastAPI()
    app.add_api_route("/", _hello)
    config = uvicorn.Config(app, port=0, log_level="critical", limit_concurrency=1, timeout_graceful_shutdown=5)
    server = AnnouncingServer(config, lambda port, _: told.put_nowait(port))
    serving = asyncio.create_task(server.serve())
    yield f"http://127.0.0.1:{await asyncio.wait_for(told.get(), 10)}"
    server.should_exit = True
    await asyncio.wait_for(serving, 10)


async def _hello() -> str:
    return "hello"


async def test_who_comes_later_is_asked_to_come_again(url: str) -> None:
    async with httpx.AsyncClient() as first, httpx.AsyncClient() as second:
        assert (await first.get(url)).json() == "hello"
        refused = await second.get(url)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
        assert (refused.headers["retry-after"], refused.headers["connection"]) == ("1", "close")
        assert refused.headers["x-request-id"]
        assert (await first.get(url)).json() == "hello"


async def test_openais_client_reads_why(url: str) -> None:
    async with httpx.AsyncClient() as first:
        assert (await first.get(url)).status_code == 200
        async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
            with pytest.raises(InternalServerError) as refused:
                await client.models.list()
    assert refused.value.code == "overloaded"
