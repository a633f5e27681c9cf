"""OpenAI-compatible backends (vLLM, SGLang, TGI, Ollama, llama.cpp, Xinference, LocalAI), reached directly over HTTP."""

from __future__ import annotations

import aiohttp
import orjson
from yarl import URL

from gateway.errors import MalformedBody
from gateway.exchange import Reply
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.answer import DeltaReader, check_kind, check_status, is_unsupported, read_answer, retry_seconds
from gateway.upstream.base import Deployment, Place, UpstreamCall
from gateway.upstream.bodies import not_served, once, stream
from gateway.upstream.connections import Connections, headers_of
from gateway.upstream.incoming import Incoming
from gateway.upstream.mending import mend_of
from gateway.upstream.servers import SERVERS
from gateway.upstream.shaping import Shaped, shaped

_BAD_REQUEST = 400


class OpenAiHttp:
    """The `Upstream` of one deployment. Used in one event loop."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._server = SERVERS[deployment.server]
        self._salts = self._server.salts_prefixes and not deployment.shares_prefixes
        self._base = URL(deployment.base_url.rstrip("/"))
        self._health = _health_url(self._base, deployment.health_path, self._server.health)
        self._urls = {surface: URL(f"{self._base}/{surface}") for surface in Surface}
        self._connections = Connections(deployment)

    @property
    def place(self) -> Place:
        return Place(self._base.host or "", self._base.port or 0)

    async def send(self, call: UpstreamCall) -> Reply:
        """See `Upstream.send`. Raises MalformedBody for a body that cannot be written as JSON."""
        if call.surface not in self._server.surfaces:
            return not_served()
        salt = call.cache_salt if self._salts else None
        sent = shaped(call.body, self._server, call.surface, stream=call.stream, cache_salt=salt)
        data = _serialise(sent.body, self._deployment.model)
        headers = headers_of(call) | _key_header(self._deployment)
        response, incoming = await self._connections.post(self._urls[call.surface], data, headers)
        try:
            return await self._read(call, sent, response, incoming)
        except BaseException:
            incoming.close()
            raise

    async def healthy(self) -> bool:
        """Whether the server's health path, or else `GET /models`, answers 200 within 2 seconds.

        Every other status is no: the servers known here answer 503 while they load a model.
        """
        return await self._connections.answers(self._health, _key_header(self._deployment))

    async def close(self) -> None:
        await self._connections.close()

    async def _read(self, call: UpstreamCall, sent: Shaped, response: aiohttp.ClientResponse, incoming: Incoming) -> Reply:
        status, retry_after = response.status, response.headers.get("Retry-After")
        check_status(status, retry_after)
        check_kind(status, response.content_type, stream=call.stream)
        mend = mend_of(self._server, call.surface, stream=call.stream)
        if call.stream and status == 200:
            limit = self._deployment.max_line_bytes
            reader = DeltaReader(call.surface, limit, mend=mend, usage_unasked=sent.usage_unasked)
            body = stream(incoming, reader)
            await anext(body)
            return Reply(status=status, streaming=True, body=body, tally=reader.tally)
        answer = read_answer(status, await incoming.read_all())
        incoming.close()
        if mend is not None:
            mend(answer)
        unsupported = status == _BAD_REQUEST and is_unsupported(answer)
        again = retry_seconds(retry_after)
        return Reply(status=status, streaming=False, body=once(answer), retry_after=again, unsupported=unsupported)


def _health_url(base: URL, written: str | None, of_server: str | None) -> URL:
    """What policy writes starts at the root of the host; what the server is known for stands beside its `/v1`."""
    if written is not None:
        return base.with_path(written)
    return base / "models" if of_server is None else URL(str(base).removesuffix("/v1") + of_server)


def _key_header(deployment: Deployment) -> dict[str, str]:
    key = deployment.api_key
    return {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}


def _serialise(body: JsonObject, model: str | None) -> bytes:
    try:
        return orjson.dumps(body if model is None else {**body, "model": model})
    except orjson.JSONEncodeError:
        raise MalformedBody("the request cannot be written as JSON: it is nested too deeply") from None
