"""One answer that a sidecar generates through the gateway: its frames are checked and counted, and sent on as they are."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from gateway.errors import BodyTimeout, InvalidRequest, UpstreamError, UpstreamTimeout
from gateway.exchange import Body, Relayed
from gateway.fhe.relay.book import Book, Reckoning
from gateway.fhe.relay.onward import Hop, Onward
from gateway.fhe.relay.pipe import FRAME, Pipe
from gateway.fhe.wire.frames import HEAD_SIZE, TAG_SIZE, Direction, Kind, Refused, opening_key, session_key
from gateway.fhe.wire.messages import NONCE_SIZE, OPENING_LIMITS, Call, Reason, Welcome, write_refusal
from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject

_FRAMING = HEAD_SIZE + TAG_SIZE
_T = TypeVar("_T")


class Between:
    """Towards the sidecar it is a server without a secret: TLS and the caller's key have said who speaks.

    `note` hears what passed when all is over, and `tally` of the tokens as they come. Times are those of the deployment.
    """

    def __init__(self, pipe: Pipe, line: Onward, book: Book, hop: Hop, note: Callable[[Relayed], None], tally: Tally) -> None:
        self._pipe = pipe
        self._line = line
        self._book = book
        self._hop = hop
        self._note = note
        self._tally = tally
        self._ends_at = asyncio.get_running_loop().time() + hop.total_s
        self._reckoning = Reckoning(pipe.announced, book.most_lanes)
        self._incoming = Direction(b"up", opening_key(b""))
        self._outgoing = Direction(b"down", opening_key(b""))
        self._passed = Relayed(degree=book.parameters.degree, modulus_bits=book.parameters.bits, model=book.fingerprint.hex())

    async def body(self) -> Body:
        """Frames for the sidecar, until it hangs up between two of its own. The first event is empty: it has begun, and closing
        it closes the line. Raises UpstreamError and InvalidRequest, after it has told the sidecar.
        """
        try:
            yield {}
            yield await self._greeting()
            while (call := await self._next(Kind.MULTIPLY, self._book.longest_up)) is not None:
                yield await self._product(call)
        except Refused as refused:
            yield self._down(Kind.REFUSAL, write_refusal(Reason.MALFORMED))
            raise InvalidRequest(f"A frame of the sidecar was refused: {refused}.") from None
        except UpstreamError:
            yield self._down(Kind.REFUSAL, write_refusal(Reason.FAILED))
            raise
        finally:
            self._line.close()
            self._note(self._passed)

    async def _greeting(self) -> JsonObject:
        hello = await self._next(Kind.HELLO, OPENING_LIMITS[Kind.HELLO])
        if hello is None or len(hello) != NONCE_SIZE:
            raise Refused("there is no hello")
        welcome = Welcome(secrets.token_bytes(NONCE_SIZE), self._book.fingerprint, self._book.parameters)
        event = self._down(Kind.WELCOME, welcome.to_bytes())
        key = session_key(b"", bytes(hello), welcome.nonce, welcome.fingerprint)
        self._incoming.rekey(key)
        self._outgoing.rekey(key)
        return event

    async def _product(self, body: memoryview) -> JsonObject:
        call, _ = Call.split(body)
        sizes = self._book.sizes(call)
        if len(body) != sizes.up:
            raise Refused("a call has another length than its plan says")
        self._reckoning.see(call)
        self._tell_tokens()
        late = UpstreamTimeout("the encrypted endpoint did not answer within the time limit")
        answer = await self._in_time(self._line.call(body, sizes.down), late)
        return self._down(Kind.PRODUCT, answer)

    async def _next(self, kind: Kind, most: int) -> memoryview | None:
        """The body of the sidecar's next frame, which must be of this kind; None where it has hung up."""
        late = BodyTimeout("The sidecar kept still for too long.")
        if not await self._in_time(self._pipe.begins(), late):
            return None
        try:
            head = self._incoming.head(await self._in_time(self._pipe.read(HEAD_SIZE), late), {kind: most})
            body = self._incoming.open(head, await self._in_time(self._pipe.read(head.length + TAG_SIZE), late))
        except EOFError:
            raise Refused("a frame was cut short") from None
        counted = self._passed
        self._passed = replace(counted, frames_up=counted.frames_up + 1, bytes_up=counted.bytes_up + head.length + _FRAMING)
        return body

    def _down(self, kind: Kind, body: bytes | memoryview) -> JsonObject:
        frame, counted = self._outgoing.frame(kind, body), self._passed
        self._passed = replace(counted, frames_down=counted.frames_down + 1, bytes_down=counted.bytes_down + len(frame))
        return {FRAME: frame}

    def _tell_tokens(self) -> None:
        read, said = self._reckoning.input_tokens, self._reckoning.output_tokens
        self._tally.see({"usage": {"prompt_tokens": read, "completion_tokens": said}})

    async def _in_time(self, awaited: Awaitable[_T], late: InvalidRequest | UpstreamError) -> _T:
        left = self._ends_at - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.0, min(self._hop.answer_s, left))):
                return await awaited
        except TimeoutError:
            if left <= self._hop.answer_s:
                raise UpstreamTimeout("the answer was not finished within the time limit") from None
            raise late from None
