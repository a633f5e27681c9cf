"""The endpoints under `/v1/` that carry text. Plain ASGI: on this path nothing is done twice (docs/adr/0003)."""

from __future__ import annotations

import asyncio
import secrets

from starlette.types import Receive, Scope, Send

from gateway.api.answers import Answer
from gateway.api.client import Client
from gateway.audit.journal import NoJournal
from gateway.errors import GatewayError
from gateway.exchange import Exchange
from gateway.pipeline import Proceed
from gateway.protocol.wire import Surface


class SurfaceEndpoint:
    """One surface: makes an exchange of a request, sends it through the pipeline, and writes the reply."""

    def __init__(self, surface: Surface, pipeline: Proceed, *, max_body_bytes: int, body_timeout_s: float) -> None:
        self._surface = surface
        self._pipeline = pipeline
        self._max_body_bytes = max_body_bytes
        self._body_timeout_s = body_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = Client(scope, receive, max_body_bytes=self._max_body_bytes, body_timeout_s=self._body_timeout_s)
        answering = asyncio.create_task(self._answer(client, send))
        watching = asyncio.create_task(client.gone())
        try:
            await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (answering, watching):
                task.cancel()  # a client that hung up wants no answer: cancelling reaches the upstream call
            await asyncio.gather(answering, watching, return_exceptions=True)

    async def _answer(self, client: Client, send: Send) -> None:
        exchange = self._exchange(client)
        answer = Answer(send, self._surface, exchange.call_id)
        try:
            await answer.reply(await self._pipeline(exchange))
        except GatewayError as error:
            await answer.error(error)

    def _exchange(self, client: Client) -> Exchange:
        return Exchange(
            call_id=f"req_{secrets.token_hex(16)}",
            surface=self._surface,
            journal=NoJournal(),
            intake=client,
            credential=client.credential,
            traceparent=client.headers.get("traceparent"),
        )
