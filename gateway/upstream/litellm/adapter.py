"""A deployment whose provider does not speak OpenAI's protocol. litellm translates; the connection, its limits and its errors
are the gateway's own, so there is no other way out than the one that policy names.
"""

from __future__ import annotations

import asyncio

import aiohttp
import orjson
from multidict import CIMultiDict
from pydantic import SecretStr
from yarl import URL

from gateway.errors import MalformedBody, UnsupportedParameter, UpstreamUnreachable
from gateway.exchange import Reply
from gateway.protocol.wire import Surface
from gateway.upstream.answer import check_kind, check_status, read_refusal, retry_seconds
from gateway.upstream.base import Deployment, Place, UpstreamCall
from gateway.upstream.bodies import not_served, once, stream
from gateway.upstream.connections import Connections, headers_of
from gateway.upstream.incoming import Incoming
from gateway.upstream.litellm.dialect import Asked, Dialect, Wire, Wish
from gateway.upstream.litellm.providers import Provider, dialect_of
from gateway.upstream.litellm.reading import ChunkReader, read_whole
from gateway.upstream.litellm.request import wish_of

_OK = 200


class LiteLlm:
    """The `Upstream` of one deployment, for chat completions. Used in one event loop.

    The library is loaded in a thread, begun here: the first call may have to wait for it.
    """

    def __init__(self, deployment: Deployment, provider: Provider) -> None:
        """Raises ValueError without a key, which litellm would look for in the environment, and without a model."""
        if deployment.api_key is None or deployment.model is None:
            raise ValueError("a provider's deployment must have an api_key and a model")
        self._deployment = deployment
        self._model = deployment.model
        self._base = URL(deployment.base_url.rstrip("/"))
        self._key: SecretStr = deployment.api_key
        self._connections = Connections(deployment)
        self._dialect = asyncio.get_running_loop().run_in_executor(None, dialect_of, provider)

    @property
    def place(self) -> Place:
        return Place(self._base.host or "", self._base.port or 0)

    async def send(self, call: UpstreamCall) -> Reply:
        """See `Upstream.send`. Raises UnsupportedParameter for what the provider cannot take."""
        if call.surface is not Surface.CHAT:
            return not_served()
        dialect = await self._loaded()
        wish = self._wish(call, dialect)
        wire = _wire(dialect, wish, self._key.get_secret_value())
        headers = CIMultiDict(headers_of(call))
        headers.update(wire.headers)
        headers["Accept"] = dialect.stream_type if call.stream else "application/json"
        url = URL(f"{self._base}{wire.path}", encoded=True)
        response, incoming = await self._connections.post(url, _dumped(wire.body), headers)
        try:
            return await self._read(Asked(dialect=dialect, wish=wish, wire=wire, call=call), response, incoming)
        except BaseException:
            incoming.close()
            raise

    async def healthy(self) -> bool:
        """A provider is not asked how it is: calls tell."""
        return True

    async def close(self) -> None:
        await self._connections.close()

    async def _loaded(self) -> Dialect:
        try:
            return await asyncio.shield(self._dialect)
        except Exception:  # noqa: BLE001 - whatever is wrong with an installation
            raise UpstreamUnreachable("litellm cannot be loaded") from None

    def _wish(self, call: UpstreamCall, dialect: Dialect) -> Wish:
        """Of a copy: litellm changes what it is given, and another deployment may be asked the same."""
        body = orjson.loads(_dumped(call.body))
        return wish_of(body, self._model, dialect.supported(self._model), stream=call.stream)

    async def _read(self, asked: Asked, response: aiohttp.ClientResponse, incoming: Incoming) -> Reply:
        status, retry_after = response.status, response.headers.get("Retry-After")
        check_status(status, retry_after)
        check_kind(status, response.content_type, stream=asked.call.stream, stream_type=asked.dialect.stream_type)
        if asked.call.stream and status == _OK:
            reader = ChunkReader(asked, self._deployment.max_line_bytes)
            body = stream(incoming, reader)
            await anext(body)
            return Reply(status=status, streaming=True, body=body, tally=reader.tally)
        data = await incoming.read_all()
        incoming.close()
        answer = read_whole(asked, data) if status == _OK else read_refusal(data)
        return Reply(status=status, streaming=False, body=once(answer), retry_after=retry_seconds(retry_after))


def _wire(dialect: Dialect, wish: Wish, key: str) -> Wire:
    try:
        return dialect.wire(wish, key)
    except Exception:  # noqa: BLE001 - litellm raises what it likes, and its texts repeat the request
        raise UnsupportedParameter("The provider of this model cannot take this request.") from None


def _dumped(body: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        raise MalformedBody("the request cannot be written as JSON: it is nested too deeply") from None
