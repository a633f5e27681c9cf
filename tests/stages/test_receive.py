"""The body is read inside the record, and becomes facts that policy can be asked about."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from gateway.audit.journal import NoJournal
from gateway.errors import BodyTimeout, MalformedBody
from gateway.exchange import Exchange, Reply
from gateway.protocol.facts import Stated
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.receive import Receive

BODY = '{"model":"small","messages":[{"role":"user","content":"张伟"}],"stream":true,"metadata":{"purpose":"sales"}}'.encode()


def _exchange(body: bytes | Exception, stated: Stated | None = None) -> Exchange:
    async def intake() -> bytes:
        if isinstance(body, Exception):
            raise body
        return body

    return Exchange(call_id="c", surface=Surface.CHAT, journal=NoJournal(), intake=intake, stated=stated or Stated())


async def _nothing() -> AsyncGenerator[JsonObject, None]:
    yield {}


async def _received(exchange: Exchange) -> Exchange:
    passed: list[Exchange] = []

    async def proceed(inner: Exchange) -> Reply:
        passed.append(inner)
        return Reply(status=200, streaming=False, body=_nothing())

    await Receive()(exchange, proceed)
    return passed[0]


async def test_a_request_and_its_facts() -> None:
    received = await _received(_exchange(BODY))
    assert received.request is not None
    assert received.request["messages"][0]["content"] == "张伟"
    assert received.facts is not None
    assert (received.facts.model, received.facts.messages, received.facts.bytes) == ("small", 1, len(BODY))
    assert (received.stream, received.facts.stream) == (True, True)
    assert received.facts.purpose == "sales"
    assert received.model is None  # until a rule knows it, it is the client's text
    assert "张伟" not in repr(received)


async def test_headers_go_before_metadata() -> None:
    received = await _received(_exchange(BODY, Stated(purpose="support", consent="c-1")))
    assert received.facts is not None
    assert (received.facts.purpose, received.facts.consent) == ("support", "c-1")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", BODY.replace(b'"small"', b"7"), b"\xff"])
async def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        await _received(_exchange(body))


async def test_a_body_that_does_not_come_is_refused() -> None:
    with pytest.raises(BodyTimeout):
        await _received(_exchange(BodyTimeout("The body did not come in time.")))
