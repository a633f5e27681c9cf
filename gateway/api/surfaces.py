"""The endpoints under `/v1/` that carry text. Plain ASGI: on this path nothing is done twice (docs/adr/0003)."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from gateway.api.access import name_call
from gateway.api.answers import Answer
from gateway.api.call_id import new_call_id
from gateway.api.client import Client
from gateway.api.departure import Departure
from gateway.api.paced import Paced
from gateway.audit.journal import NoJournal
from gateway.errors import GatewayError
from gateway.exchange import Exchange
from gateway.faults import internal_fault
from gateway.pipeline import Proceed
from gateway.protocol.wire import Surface


class SurfaceEndpoint:
    """One surface: makes an exchange of a request, sends it through the pipeline, and writes the reply."""

    def __init__(
        self,
        surface: Surface,
        pipeline: Proceed,
        *,
        max_body_bytes: int,
        body_timeout_s: float,
        stalled_s: float = 60.0,
        heartbeat_s: float = 15.0,
        tracestate_keys: frozenset[str] = frozenset(),
    ) -> None:
        self._surface = surface
        self._pipeline = pipeline
        self._max_body_bytes = max_body_bytes
        self._body_timeout_s = body_timeout_s
        self._stalled_s = stalled_s
        self._heartbeat_s = heartbeat_s
        self._tracestate_keys = tracestate_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = Client(scope, receive, max_body_bytes=self._max_body_bytes, body_timeout_s=self._body_timeout_s)
        exchange = self._exchange(client)
        name_call(scope, exchange.call_id)
        paced = Paced(send)
        watching = asyncio.create_task(client.gone())
        try:
            with Departure() as departure, paced.watched(self._stalled_s, departure):
                watching.add_done_callback(departure.cancel)  # who hung up wants no answer: this reaches the upstream call
                await self._answer(exchange, paced)
        finally:
            _end(watching)

    async def _answer(self, exchange: Exchange, send: Send) -> None:
        answer = Answer(send, self._surface, exchange.call_id, self._heartbeat_s)
        try:
            await answer.reply(await self._pipeline(exchange))
        except GatewayError as error:
            await answer.error(error)
        except Exception as error:  # noqa: BLE001  (the record has seen a good answer, but it could not be written)
            await answer.error(internal_fault(error))

    def _exchange(self, client: Client) -> Exchange:
        trace = client.trace(self._tracestate_keys)
        return Exchange(
            call_id=new_call_id(),
            surface=self._surface,
            journal=NoJournal(),
            intake=client,
            credential=client.credential,
            peer=client.peer,
            stated=client.stated,
            traceparent=trace.traceparent,
            tracestate=trace.tracestate,
        )


def _end(watching: asyncio.Task[None]) -> None:
    """Raises what it had failed of."""
    if watching.done() and not watching.cancelled():
        watching.result()
    watching.cancel()
