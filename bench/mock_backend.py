"""A fast OpenAI backend with a fixed answer, in a process of its own: `python -m bench.mock_backend PORT`.

What it does is chosen by the model's name, which every proxy hands on:

    bench        the fixed answer; streamed, 40 chunks without a pause
    bench-paced  the same, streamed as a model speaks: a chunk every 20 ms, the first one at once
    bench-slow   the same from a busy model: a chunk every second
    bench-echo   says what it was told; `GET /last` gives the body that it received, byte for byte

It also swallows OTLP exports on /v1/traces. Raw asyncio, because it shares the cores with what is measured.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import httptools
import orjson
import uvloop

PAUSES_S = {"bench-paced": 0.02, "bench-slow": 1.0}

# Cut as tokenizers cut: the placeholder's parts come one by one. Where nothing is redacted it is plain text.
_PIECES = (
    *("Dear", " <", "PER", "SON", "_1", ">,", " thank", " you", " for", " your", " patience", ".", " A", " new", " parcel"),
    *(" is", " on", " its", " way", " and", " you", " need", " not", " send", " anything", " back", ".", " Please", " write"),
    *(" to", " us", " at", " any", " time", ".", " With", " kind", " regards", ",", " the desk"),
)


@dataclass
class Mailbox:
    """The body that came last."""

    body: bytes = b""


class Connection(asyncio.Protocol):
    """One client; requests come one after the other."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._url, self._body = b"", bytearray()
        self._speaking: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so

    def connection_lost(self, _exc: Exception | None) -> None:
        for task in self._speaking:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        self._url, self._body = url, bytearray()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._url == b"/v1/chat/completions":
            self._chat(bytes(self._body))
        elif self._url == b"/last":
            self._write(plain(self._mailbox.body))
        else:
            self._write(plain(b'{"object":"list","data":[{"id":"bench","object":"model"}]}'))

    def _chat(self, body: bytes) -> None:
        request = orjson.loads(body)
        model = request["model"]
        pieces: Sequence[str] = _PIECES
        if model == "bench-echo":
            self._mailbox.body = body
            said = request["messages"][-1]["content"]
            pieces = [said[at : at + 5] for at in range(0, len(said), 5)]
        if request.get("stream"):
            self._say(chunks(pieces), PAUSES_S.get(model, 0.0))
        else:
            self._write(plain(answer("".join(pieces))))

    def _say(self, events: list[bytes], pause_s: float) -> None:
        task = asyncio.get_running_loop().create_task(self._stream(events, pause_s))
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    async def _stream(self, events: list[bytes], pause_s: float) -> None:
        self._write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for at, event in enumerate(events):
            if at:
                await asyncio.sleep(pause_s)
            self._write(b"%x\r\n%b\r\n" % (len(event), event))
        self._write(b"0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)


def plain(body: bytes) -> bytes:
    """A whole HTTP response with a JSON body."""
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def answer(text: str) -> bytes:
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 50, "completion_tokens": 40, "total_tokens": 90}
    return orjson.dumps({**_object("chat.completion", choice), "usage": usage})


def chunks(pieces: Sequence[str]) -> list[bytes]:
    """The SSE events of a streamed answer: one for each piece, the finish in the last one, then the end mark."""
    deltas: list[dict[str, Any]] = [{"delta": {"content": piece}, "finish_reason": None} for piece in pieces]
    deltas[0]["delta"]["role"] = "assistant"
    deltas[-1]["finish_reason"] = "stop"
    events = [b"data: " + orjson.dumps(_object("chat.completion.chunk", delta)) + b"\n\n" for delta in deltas]
    return [*events[:-1], events[-1] + b"data: [DONE]\n\n"]


def _object(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    same = {"id": "chatcmpl-bench", "created": 1_700_000_000, "model": "bench"}
    return {**same, "object": kind, "choices": [{"index": 0, **choice}]}


async def serve(port: int) -> None:
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(mailbox), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
