"""Many small pieces of an answer, few calls of the kernel.

uvicorn writes an answer's head by itself, and every event of a stream, and uvloop hands each of them to the kernel at once: 42
calls for 40 chunks that a backend sent together, each of which wakes the client. So what is written in one turn of the event
loop goes out together, but for what somebody waits for: the first piece of a turn goes at once, with the head before it, and so
does the last piece of an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from gateway.cli.serve.heads import PromptHttp

_MOST = 16 * 1024
"""Bytes that are held. Beyond them the connection itself says when its client takes no more."""


class GatheredHttp(PromptHttp):
    """The protocol on a connection that gathers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self._gathering = Gathering(transport, self.loop)
        super().connection_made(self._gathering)

    def on_response_complete(self) -> None:
        self._gathering.answered()
        super().on_response_complete()


class Gathering(asyncio.Transport):
    """A connection in front of the real one. Once it is closing, or lost, nothing is held."""

    def __init__(self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._inner = inner
        self._loop = loop
        self._held: list[bytes] = []
        self._bytes = 0
        self._at_head = True
        self._turn_watched = False
        self._sent = False
        """Whether something went out in this turn."""

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self._held.append(bytes(data))
        self._bytes += len(data)
        if not self._turn_watched:
            self._turn_watched = True
            self._loop.call_soon(self._end_turn)
        if self._at_head:  # nobody can do anything with a head alone
            self._at_head = False
        elif not self._sent or self._bytes >= _MOST:
            self._sent = True
            self._flush()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        self.write(b"".join(list_of_data))

    def answered(self) -> None:
        """The answer is whole: what comes next is another one's head."""
        self._flush()
        self._at_head = True

    def close(self) -> None:
        self._flush()
        self._inner.close()

    def abort(self) -> None:
        self._held.clear()
        self._inner.abort()

    def _end_turn(self) -> None:
        self._turn_watched = self._sent = False
        self._flush()

    def _flush(self) -> None:
        if self._held:
            data = b"".join(self._held)
            self._held.clear()
            self._bytes = 0
            if not self._inner.is_closing():
                self._inner.write(data)

    # The rest is the real one's.

    def is_closing(self) -> bool:
        return self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._inner.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._inner.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._inner.get_protocol()

    def pause_reading(self) -> None:
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        self._inner.resume_reading()

    def is_reading(self) -> bool:
        return self._inner.is_reading()

    def get_write_buffer_size(self) -> int:
        return self._bytes + self._inner.get_write_buffer_size()
