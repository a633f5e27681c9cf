"""What a sidecar sends, as it arrives: whoever feeds it waits while nobody reads, so that little of it lies in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

FRAME = "frame"
"""Under this name each event of a reply holds the bytes that go to the sidecar."""

_AHEAD = 256 * 1024
"""Bytes that may arrive before somebody wants them."""


@dataclass(frozen=True, slots=True)
class Announced:
    """How long an answer the sidecar is about to generate: tokens of the prompt, and at most so many of the answer."""

    prompt: int
    answer: int


class Pipe:
    """Used in one event loop, by one who feeds and one who reads. It is the exchange's `Intake`: there is no other body."""

    def __init__(self, announced: Announced) -> None:
        self.announced = announced
        self._bytes = bytearray()
        self._wanted = 0
        self._ended = False
        self._changed = asyncio.Event()

    async def __call__(self) -> bytes:
        """There is no body beside the frames."""
        return b""

    async def feed(self, piece: bytes) -> None:
        """Returns when there is room for more."""
        self._bytes += piece
        self._tell()
        while len(self._bytes) >= max(_AHEAD, self._wanted) and not self._ended:
            await self._changed.wait()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._tell()

    async def begins(self) -> bool:
        """Whether anything more comes."""
        while not self._bytes and not self._ended:
            await self._changed.wait()
        return bool(self._bytes)

    async def read(self, size: int) -> bytes:
        """Exactly so many bytes. Raises EOFError where the sidecar left before."""
        self._wanted = size
        self._tell()
        while len(self._bytes) < size:
            if self._ended:
                raise EOFError
            await self._changed.wait()
        read = bytes(memoryview(self._bytes)[:size])
        del self._bytes[:size]
        self._wanted = 0
        self._tell()
        return read

    def _tell(self) -> None:
        """Both sides look again; who waits later waits for the next change."""
        self._changed.set()
        self._changed = asyncio.Event()
