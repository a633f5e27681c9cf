"""Bodies of replies, made of what a backend sends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from gateway.exchange import Reply
from gateway.protocol.wire import JsonObject
from gateway.upstream.incoming import Incoming


class Reader(Protocol):
    """Makes deltas of bytes."""

    @property
    def ended(self) -> bool:
        """Whether the answer came to its end before the body did."""

    def feed(self, chunk: bytes) -> list[JsonObject]:
        """The deltas that this chunk completes. Raises UpstreamError."""

    def finish(self) -> list[JsonObject]:
        """The body ended: the deltas of what was not complete until then. Raises UpstreamTruncated unless the answer had ended;
        afterwards it has.
        """


async def once(answer: JsonObject) -> AsyncGenerator[JsonObject, None]:
    """The body of a plain answer."""
    yield answer


async def stream(incoming: Incoming, reader: Reader) -> AsyncGenerator[JsonObject, None]:
    """First an empty object, then the deltas.

    Whoever makes it takes the first off: a generator that has not begun ignores `aclose()`, and would leave the connection
    open.
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


def not_served() -> Reply:
    """The answer of a backend that does not have the endpoint, without asking it: another deployment may have it."""
    message = "The deployment of this model does not serve this endpoint."
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": "endpoint_not_served"}
    return Reply(status=404, streaming=False, body=once({"error": error}))


async def _next_deltas(incoming: Incoming, reader: Reader) -> list[JsonObject]:
    """The next deltas; none at the honest end of the stream."""
    while not reader.ended:
        chunk = await incoming.read()
        if not chunk:
            return reader.finish()
        if deltas := reader.feed(chunk):
            return deltas
    return []
