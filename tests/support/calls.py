"""Calls to an upstream and what came of them, for tests that reach a scripted backend."""

from __future__ import annotations

import asyncio
import socket
import traceback
from contextlib import aclosing
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.errors import UpstreamError
from gateway.exchange import Reply
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.base import Deployment, Upstream, UpstreamCall
from tests.support.backend import ScriptedBackend

_HANGS_S = 30.0
KEY = "sk-hunter2"
SECRETS = (KEY, "Alice")
"""What no error, log line or repr may show: tests let the backend say `Alice` wherever it can."""


def deployment(backend: ScriptedBackend, **settings: Any) -> Deployment:
    return Deployment(id="test", base_url=backend.url, api_key=SecretStr(KEY), **settings)


def chat(text: str = "hello 张伟", *, stream: bool = False, **fields: Any) -> UpstreamCall:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "stream": stream, **fields}
    return UpstreamCall(surface=Surface.CHAT, body=body, stream=stream)


async def read(reply: Reply) -> list[JsonObject]:
    async with aclosing(reply.body):
        return [delta async for delta in reply.body]


def said(deltas: list[JsonObject]) -> str:
    """The text of a streamed chat completion."""
    return "".join(choice["delta"].get("content") or "" for delta in deltas for choice in delta["choices"])


async def failure(upstream: Upstream, call: UpstreamCall) -> UpstreamError:
    """The error of a call, which must hold nothing of the backend's and no key, however it is printed."""
    with pytest.raises(UpstreamError) as caught:
        async with asyncio.timeout(_HANGS_S):
            await read(await upstream.send(call))
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert not any(secret in shown for secret in SECRETS)
    return caught.value


def closed_port() -> int:
    """A port of the loopback where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
