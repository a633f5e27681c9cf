"""A server that does not keep to the protocol is noticed at the gateway already."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTimeout, UpstreamUnreachable
from gateway.fhe.model.client_part import ClientPart
from gateway.fhe.relay.book import Book
from gateway.fhe.relay.onward import Hop, onward
from gateway.fhe.wire.frames import HEAD_SIZE, TAG_SIZE, Direction, Kind, opening_key, session_key
from gateway.fhe.wire.messages import NONCE_SIZE, Reason, Welcome, write_refusal
from tests.support.calls import closed_port

ANSWER = bytes(100)
Say = Callable[[Direction], bytes]


@asynccontextmanager
async def _server(book: Book, say: Say, fingerprint: bytes | None = None, *, silent: bool = False) -> AsyncIterator[Hop]:
    """Greets, and then answers each call with what `say` makes of it."""

    done = asyncio.Event()

    async def attended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            await speak(reader, writer)
        writer.transport.abort()
        done.set()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        down, nonce = Direction(b"down", opening_key(b"")), bytes(NONCE_SIZE)
        hello = (await reader.readexactly(HEAD_SIZE + NONCE_SIZE + TAG_SIZE))[HEAD_SIZE:-TAG_SIZE]
        if silent:
            await reader.read()
        welcome = Welcome(nonce, fingerprint or book.fingerprint, book.parameters)
        writer.write(down.frame(Kind.WELCOME, welcome.to_bytes()))
        down.rekey(session_key(b"", hello, nonce, welcome.fingerprint))
        if await reader.read(1):
            writer.write(say(down))
            await writer.drain()
            await reader.read()

    server = await asyncio.start_server(attended, "127.0.0.1", 0)
    async with server:
        yield Hop(host="127.0.0.1", port=server.sockets[0].getsockname()[1], answer_s=0.3)
        await done.wait()
        await asyncio.sleep(0)


def _changed(down: Direction) -> bytes:
    frame = bytearray(down.frame(Kind.PRODUCT, ANSWER))
    frame[50] ^= 1
    return bytes(frame)


def _left_out(down: Direction) -> bytes:
    down.frame(Kind.PRODUCT, ANSWER)
    return down.frame(Kind.PRODUCT, ANSWER)


@pytest.fixture
def book(tiny_part: ClientPart) -> Book:
    return Book(tiny_part.blueprint)


@pytest.mark.parametrize(
    ("say", "error"),
    [
        (_changed, UpstreamProtocolError),
        (_left_out, UpstreamProtocolError),
        (lambda down: down.frame(Kind.PRODUCT, ANSWER + b"?"), UpstreamProtocolError),
        (lambda down: down.frame(Kind.PRODUCT, ANSWER[1:]), UpstreamProtocolError),
        (lambda down: down.frame(Kind.WELCOME, ANSWER), UpstreamProtocolError),
        (lambda down: down.frame(Kind.REFUSAL, write_refusal(Reason.BUSY)), UpstreamError),
        (lambda down: down.frame(Kind.REFUSAL, b"??"), UpstreamProtocolError),
    ],
)
async def test_its_frames_are_judged(say: Say, error: type[UpstreamError], book: Book) -> None:
    async with _server(book, say) as hop:
        line = await onward(hop, book)
        with pytest.raises(error):
            await line.call(b"call", len(ANSWER))
        line.close()


async def test_what_is_as_it_should_be_passes(book: Book) -> None:
    async with _server(book, lambda down: down.frame(Kind.PRODUCT, ANSWER)) as hop:
        line = await onward(hop, book)
        assert await line.call(b"call", len(ANSWER)) == ANSWER
        line.close()


async def test_another_model_or_none(book: Book) -> None:
    async with _server(book, _changed, fingerprint=bytes(32)) as hop:
        with pytest.raises(UpstreamProtocolError, match="another model"):
            await onward(hop, book)
        with pytest.raises(UpstreamUnreachable):
            await onward(replace(hop, port=closed_port()), book)
    async with _server(book, _changed, silent=True) as hop:
        with pytest.raises(UpstreamTimeout):
            await onward(hop, book)
