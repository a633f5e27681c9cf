"""What is written in one turn of the event loop leaves together, and nothing that a client waits for is kept back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from gateway.cli.serve.gathered import GatheredHttp, Gathering

HEAD, EVENT = b"HTTP/1.1 200 OK\r\n\r\n", b"data: x\n\n"
REQUEST = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"


class Line(asyncio.Transport):
    """A connection that notes each call of the kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = self.aborted = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.sent.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def get_write_buffer_size(self) -> int:
        return 0


def gathering(line: Line) -> Gathering:
    return Gathering(line, asyncio.get_running_loop())


async def test_a_burst_leaves_in_two_pieces() -> None:
    line = Line()
    end = gathering(line)
    for piece in (HEAD, *[EVENT] * 40):
        end.write(piece)
    end.answered()
    assert line.sent == [HEAD + EVENT, EVENT * 39]


async def test_the_first_piece_does_not_wait_for_the_turn_to_end() -> None:
    line = Line()
    end = gathering(line)
    end.write(HEAD)
    end.write(EVENT)
    assert line.sent == [HEAD + EVENT]


async def test_a_head_alone_leaves_when_the_turn_ends() -> None:
    line = Line()
    gathering(line).write(HEAD)
    assert line.sent == []
    await asyncio.sleep(0)
    assert line.sent == [HEAD]


async def test_each_turn_sends_its_first_piece_at_once() -> None:
    line = Line()
    end = gathering(line)
    end.write(HEAD)
    for number in range(3):
        end.write(b"%d" % number)
        assert line.sent[-1].endswith(b"%d" % number)
        await asyncio.sleep(0)
    assert b"".join(line.sent) == HEAD + b"012"


async def test_what_follows_the_first_piece_leaves_when_the_turn_ends() -> None:
    line = Line()
    end = gathering(line)
    for piece in (HEAD, b"a", b"b", b"c"):
        end.write(piece)
    await asyncio.sleep(0)
    assert line.sent == [HEAD + b"a", b"bc"]


async def test_two_answers_in_one_turn_wait_for_nothing() -> None:
    line = Line()
    end = gathering(line)
    for answer in (b"one", b"two"):
        end.write(HEAD)
        end.write(answer)
        end.answered()
    assert b"".join(line.sent) == HEAD + b"one" + HEAD + b"two"


async def test_no_more_than_a_little_is_held() -> None:
    line = Line()
    end = gathering(line)
    end.write(HEAD)
    for _ in range(100):
        end.write(bytes(1_000))
        assert end.get_write_buffer_size() < 16 * 1024
    assert len(b"".join(line.sent)) > len(HEAD) + 80_000


async def test_what_is_held_leaves_before_the_connection_closes_and_not_when_it_is_given_up() -> None:
    closed, aborted = Line(), Line()
    for line, leave in ((closed, Gathering.close), (aborted, Gathering.abort)):
        end = gathering(line)
        end.write(HEAD)
        leave(end)
        await asyncio.sleep(0)
    assert (closed.sent, closed.closed, aborted.sent, aborted.aborted) == ([HEAD], True, [], True)


async def test_nothing_is_written_to_a_connection_that_is_gone() -> None:
    line = Line()
    end = gathering(line)
    end.write(HEAD)
    line.close()
    await asyncio.sleep(0)
    assert line.sent == []


@asynccontextmanager
async def served(go_on: asyncio.Event) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client of a server whose answers are a stream: one event, and the others when it may go on."""

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await go_on.wait()
        for number in range(40):
            await send({"type": "http.response.body", "body": b"%d," % number, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    server = uvicorn.Server(uvicorn.Config(stream, port=0, lifespan="off", log_level="error", http=GatheredHttp))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    yield reader, writer
    writer.close()
    server.should_exit = True
    await serving


async def test_a_stream_is_whole_and_its_first_event_comes_while_the_second_is_waited_for() -> None:
    go_on = asyncio.Event()
    async with served(go_on) as (reader, writer):
        for _ in range(2):  # on one connection, one after the other
            go_on.clear()
            writer.write(REQUEST)
            assert await reader.readuntil(b"first\r\n")
            go_on.set()
            rest = await reader.readuntil(b"0\r\n\r\n")
            assert [line for line in rest.split(b"\r\n") if b"," in line] == [b"%d," % number for number in range(40)]


async def test_requests_on_one_connection_are_answered_in_their_order() -> None:
    go_on = asyncio.Event()
    go_on.set()
    async with served(go_on) as (reader, writer):
        writer.write(REQUEST * 3)
        for _ in range(3):
            assert (await reader.readuntil(b"0\r\n\r\n")).count(b"HTTP/1.1 200 OK") == 1
