"""A stream in which nothing comes for a while says that somebody is there, and clients do not see it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from openai import OpenAI
from starlette.types import Message

from gateway.api.answers import Answer
from gateway.api.heartbeat import COMMENT, Heartbeat
from gateway.exchange import Body, Reply
from gateway.protocol.wire import Surface
from tests.support import script
from tests.support.backend import backend_in_thread
from tests.support.gateway import MODEL, policy_text, running_gateway


class Wire:
    """What was sent; a client that stopped reading takes nothing until it is `open`."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.open = asyncio.Event()
        self.open.set()
        self.commented = asyncio.Event()

    async def send(self, message: Message) -> None:
        await self.open.wait()
        if message["type"] == "http.response.body":
            self.pieces.append(message["body"])
            if message["body"] == COMMENT:
                self.commented.set()


async def test_a_silence_gets_a_comment_and_the_answer_stays_whole() -> None:
    wire = Wire()

    async def body() -> Body:
        yield {"a": 1}
        await wire.commented.wait()
        wire.commented.clear()
        await wire.commented.wait()
        yield {"a": 2}

    await Answer(wire.send, Surface.CHAT, "req_1", 0.005).reply(Reply(status=200, streaming=True, body=body()))
    assert wire.pieces.count(COMMENT) >= 2
    assert [piece for piece in wire.pieces if piece != COMMENT] == [
        b'data: {"a":1}\n\n',
        b'data: {"a":2}\n\n',
        b"data: [DONE]\n\n",
    ]
    pieces = len(wire.pieces)
    await asyncio.sleep(0.02)
    assert len(wire.pieces) == pieces, "nothing comes after the end"


async def test_there_is_no_comment_before_the_first_event() -> None:
    """A failure until then has its status."""
    wire = Wire()

    async def body() -> Body:
        await asyncio.sleep(0.03)
        yield {"a": 1}

    await Answer(wire.send, Surface.CHAT, "req_1", 0.005).reply(Reply(status=200, streaming=True, body=body()))
    assert wire.pieces[0] == b'data: {"a":1}\n\n'


async def test_a_client_that_does_not_read_is_not_told_more() -> None:
    wire = Wire()
    heart = Heartbeat(wire.send, 0.005)
    wire.open.clear()
    saying = asyncio.create_task(heart.say(b"event"))
    await asyncio.sleep(0.03)
    wire.open.set()
    await saying
    assert wire.pieces == [b"event"]
    await wire.commented.wait()
    heart.stop()


async def test_a_client_that_has_gone_ends_no_comment_in_an_error() -> None:
    sent: list[bytes] = []

    async def send(message: Message) -> None:
        sent.append(message["body"])
        if message["body"] == COMMENT:
            raise OSError

    heart = Heartbeat(send, 0.005)
    await heart.say(b"event")
    async with asyncio.timeout(5):
        while COMMENT not in sent:
            await asyncio.sleep(0.005)
    heart.stop()


@pytest.mark.parametrize("cache", ["", "cache: {share: tenant}"])
def test_comments_are_no_part_of_an_answer(cache: str, tmp_path: Path) -> None:
    """An unmodified client does not see them, and neither do the cache and the record."""
    with backend_in_thread() as backend:
        backend.reply_with(lambda request: script.text(request, "take your time", size=5).cut_at_events().slow(0.05))
        policy = policy_text(backend.url, tenant=cache)
        with running_gateway(tmp_path, policy, heartbeat_s=0.01) as gateway:
            asked = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "temperature": 0, "stream": True}
            with gateway.http.stream("POST", "/chat/completions", json=asked) as answer:
                lines = list(answer.iter_lines())
            with OpenAI(base_url=gateway.base_url, api_key=gateway.key, max_retries=0) as client:
                chunks = list(client.chat.completions.create(**asked))  # type: ignore[call-overload]
            first, again = gateway.records(2)
            assert ": still at work" in lines
            assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "take your time"
            assert (first.usage, again.cached_from) == (first.usage, first.call_id if cache else None)
            if cache:
                events = [line for line in lines if line.startswith("data: {")]
                assert len(events) == len(chunks)
