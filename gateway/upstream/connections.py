"""The pooled connections to one deployment, whatever is spoken over them.

Nothing of a client's request but its redacted body goes out: no header, no cookie, no proxy of the environment, and no redirect
is followed, because it could lead the body elsewhere.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import aiohttp
from yarl import URL

from gateway import __version__
from gateway.errors import UpstreamUnreachable
from gateway.upstream.base import Deployment, UpstreamCall
from gateway.upstream.faults import FAULTS, typed
from gateway.upstream.incoming import Incoming
from gateway.upstream.tls import context_of

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACESTATE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_HEALTH = aiohttp.ClientTimeout(total=2.0)
_KEEPALIVE_S = 4.0
"""Idle connections are dropped sooner than uvicorn, and with it vLLM, drops them (5 s). A POST on a connection that the backend
is just closing would fail, and must not be repeated blindly."""


class Connections:
    """Used in one event loop; the session opens with the first call."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def post(self, url: URL, data: bytes, headers: Mapping[str, str]) -> tuple[aiohttp.ClientResponse, Incoming]:
        """The response's head, and its body as it comes in. Raises UpstreamError."""
        called_at = asyncio.get_running_loop().time()
        response = await self._head(url, data, headers)
        return response, Incoming(response, self._deployment, called_at)

    async def answers(self, url: URL, headers: Mapping[str, str]) -> bool:
        """Whether a GET has status 200 within 2 seconds. Never raises."""
        if self._closed:
            return False
        try:
            async with self._open().get(url, headers=headers, timeout=_HEALTH, allow_redirects=False) as response:
                return response.status == 200
        except FAULTS:
            return False
        except UpstreamUnreachable:
            return False

    async def close(self) -> None:
        """Afterwards every call is refused."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def _head(self, url: URL, data: bytes, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        if self._closed:
            raise UpstreamUnreachable("the gateway is shutting down")
        limits = self._deployment.timeouts
        try:
            async with asyncio.timeout(min(limits.first_byte_s, limits.total_s)):
                return await self._open().post(url, data=data, headers=headers, allow_redirects=False)
        except FAULTS as fault:
            raise typed(fault) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = _session(self._deployment)
        return self._session


def headers_of(call: UpstreamCall) -> dict[str, str]:
    """What every backend is told, beside its key: what is sent, what is awaited, and the trace."""
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream" if call.stream else "application/json",
    }
    if call.traceparent is not None and _TRACEPARENT.fullmatch(call.traceparent):
        headers["traceparent"] = call.traceparent
        if call.tracestate is not None and _TRACESTATE.fullmatch(call.tracestate):
            headers["tracestate"] = call.tracestate
    return headers


def _session(deployment: Deployment) -> aiohttp.ClientSession:
    """The time limits but the first are `Incoming`'s; compression saves nothing inside a data centre."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=deployment.connections, keepalive_timeout=_KEEPALIVE_S, ssl=context_of(deployment.tls)
        ),
        timeout=aiohttp.ClientTimeout(total=None, connect=deployment.timeouts.connect_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"privacy-gateway/{__version__}", "Accept-Encoding": "identity"},
        trust_env=False,
    )
