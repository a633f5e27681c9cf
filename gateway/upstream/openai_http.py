"""OpenAI-compatible backends (vLLM, SGLang, TGI, Ollama, llama.cpp, Xinference), reached directly over HTTP.

Nothing of a client's request but its redacted body goes out: no header, no cookie, no proxy of the environment, and no
redirect is followed, because it could lead the body elsewhere.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import aiohttp
import orjson
from yarl import URL

from gateway import __version__
from gateway.errors import MalformedBody, UpstreamUnreachable
from gateway.exchange import Reply
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.answer import DeltaReader, check_kind, check_status, read_answer, retry_seconds
from gateway.upstream.base import Deployment, Place, UpstreamCall
from gateway.upstream.faults import FAULTS, typed
from gateway.upstream.incoming import Incoming

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACESTATE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_HEALTH = aiohttp.ClientTimeout(total=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Connections to one deployment.

    Idle ones are dropped after `keepalive_s` seconds: sooner than uvicorn, and with it vLLM, drops them (5 s). A POST
    on a connection that the backend is just closing would fail, and must not be repeated blindly.
    """

    max_connections: int = 1024
    keepalive_s: float = 4.0


class OpenAiHttp:
    """The `Upstream` of one deployment. Used in one event loop; the session opens with the first call."""

    def __init__(self, deployment: Deployment, pool: Pool | None = None) -> None:
        self._deployment = deployment
        self._pool = pool or Pool()
        self._base = URL(deployment.base_url.rstrip("/"))
        self._urls = {surface: URL(f"{self._base}/{surface}") for surface in Surface}
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def place(self) -> Place:
        return Place(self._base.host or "", self._base.port or 0)

    async def send(self, call: UpstreamCall) -> Reply:
        """See `Upstream.send`. Raises MalformedBody for a body that cannot be written as JSON."""
        called_at = asyncio.get_running_loop().time()
        response = await self._post(call, _serialise(call.body, self._deployment.model))
        incoming = Incoming(response, self._deployment, called_at)
        try:
            return await self._read(call, response, incoming)
        except BaseException:
            incoming.close()
            raise

    async def healthy(self) -> bool:
        """Whether `GET /models` answers 200 within 2 seconds."""
        if self._closed:
            return False
        try:
            async with self._open().get(self._base / "models", timeout=_HEALTH, allow_redirects=False) as response:
                return response.status == 200
        except FAULTS:
            return False

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def _post(self, call: UpstreamCall, data: bytes) -> aiohttp.ClientResponse:
        if self._closed:
            raise UpstreamUnreachable("the gateway is shutting down")
        limits = self._deployment.timeouts
        try:
            async with asyncio.timeout(min(limits.first_byte_s, limits.total_s)):
                return await self._open().post(
                    self._urls[call.surface], data=data, headers=_headers(call), allow_redirects=False
                )
        except FAULTS as fault:
            raise typed(fault) from None

    async def _read(self, call: UpstreamCall, response: aiohttp.ClientResponse, incoming: Incoming) -> Reply:
        status, retry_after = response.status, response.headers.get("Retry-After")
        check_status(status, retry_after)
        check_kind(status, response.content_type, stream=call.stream)
        if call.stream and status == 200:
            body = _stream(incoming, DeltaReader(call.surface, self._deployment.max_line_bytes))
            await anext(body)
            return Reply(status=status, streaming=True, body=body)
        answer = read_answer(status, await incoming.read_all())
        incoming.close()
        return Reply(status=status, streaming=False, body=_once(answer), retry_after=retry_seconds(retry_after))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = _session(self._deployment, self._pool)
        return self._session


def _session(deployment: Deployment, pool: Pool) -> aiohttp.ClientSession:
    """The time limits but the first are `Incoming`'s; compression saves nothing inside a data centre."""
    headers = {"User-Agent": f"privacy-gateway/{__version__}", "Accept-Encoding": "identity"}
    if deployment.api_key is not None:
        headers["Authorization"] = f"Bearer {deployment.api_key.get_secret_value()}"
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=pool.max_connections, keepalive_timeout=pool.keepalive_s),
        timeout=aiohttp.ClientTimeout(total=None, connect=deployment.timeouts.connect_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        trust_env=False,
    )


def _headers(call: UpstreamCall) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream" if call.stream else "application/json",
    }
    if call.traceparent is not None and _TRACEPARENT.fullmatch(call.traceparent):
        headers["traceparent"] = call.traceparent
        if call.tracestate is not None and _TRACESTATE.fullmatch(call.tracestate):
            headers["tracestate"] = call.tracestate
    return headers


def _serialise(body: JsonObject, model: str | None) -> bytes:
    try:
        return orjson.dumps(body if model is None else {**body, "model": model})
    except orjson.JSONEncodeError:
        raise MalformedBody("the request cannot be written as JSON: it is nested too deeply") from None


async def _once(answer: JsonObject) -> AsyncGenerator[JsonObject, None]:
    yield answer


async def _stream(incoming: Incoming, reader: DeltaReader) -> AsyncGenerator[JsonObject, None]:
    """First an empty object, then the deltas.

    `send` takes the first off: a generator that has not begun ignores `aclose()`, and would leave the connection open.
    """
    try:
        deltas = await _next_deltas(incoming, reader)
        yield {}
        while deltas:
            for delta in deltas:
                yield delta
            deltas = await _next_deltas(incoming, reader)
        await incoming.drain()
    finally:
        incoming.close()


async def _next_deltas(incoming: Incoming, reader: DeltaReader) -> list[JsonObject]:
    """The next deltas; none at the honest end of the stream."""
    while not reader.ended:
        chunk = await incoming.read()
        if not chunk:
            reader.finish()
        elif deltas := reader.feed(chunk):
            return deltas
    return []
