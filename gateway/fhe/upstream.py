"""The `Upstream` of a deployment of kind `fhe`: the gateway holds the key, the server computes on what it cannot read.

Generation blocks, so each runs in a thread of its own, over a connection of its own that stays open for the next one. Hanging
up on a reply closes the connection, which ends the thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, suppress

from gateway.errors import GatewayError, InternalFault, UpstreamError, UpstreamTimeout, UpstreamUnreachable
from gateway.exchange import Reply
from gateway.fhe.asked import Answer, Unanswerable, wish_of
from gateway.fhe.client.connection import Connection, TurnedAway, Way
from gateway.fhe.client.generate import End, Generator, Piece, Step, Wish
from gateway.fhe.deployed import DEFAULT_ANSWER_TOKENS
from gateway.protocol.usage import Tally
from gateway.protocol.wire import JsonObject, Surface
from gateway.upstream.base import Place, Timeouts, UpstreamCall
from gateway.upstream.bodies import not_served, once

_LEAVING = "the gateway is shutting down"


class FheUpstream:
    """Used in one event loop. `name` is the model's name in answers where the request has none."""

    def __init__(
        self,
        address: Way,
        generator: Generator,
        *,
        timeouts: Timeouts | None = None,
        most_tokens: int = DEFAULT_ANSWER_TOKENS,
    ) -> None:
        self._address = address
        self._generator = generator
        self._timeouts = timeouts or Timeouts(first_byte_s=600, between_bytes_s=600, total_s=3600)
        self._most_tokens = most_tokens
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._opening: set[asyncio.Task[Connection]] = set()
        self._closed = False

    @property
    def place(self) -> Place:
        return Place(self._address.host, self._address.port)

    async def send(self, call: UpstreamCall) -> Reply:
        """See `Upstream.send`. A stream begins when the server has greeted us: reading a long prompt takes minutes."""
        if call.surface is not Surface.CHAT:
            return not_served()
        try:
            wish = self._wish(call)
        except Unanswerable as refusal:
            return Reply(status=400, streaming=False, body=once(refusal.body()))
        model = str(call.body.get("model") or self._generator.part.blueprint.name)
        answer = Answer(model, len(wish.prompt))
        try:
            connection = await self._connection(self._address.to_answer(model, len(wish.prompt), wish.most))
        except TurnedAway as refusal:
            body = once(refusal.body)
            return Reply(status=refusal.status, streaming=False, body=body, retry_after=refusal.retry_after)
        if call.stream:
            options = call.body.get("stream_options")
            usage = isinstance(options, dict) and bool(options.get("include_usage"))
            tally = Tally(Surface.CHAT)
            body = self._streamed(answer, wish, connection, tally, usage=usage)
            await anext(body)  # a generator that has not begun ignores aclose(), and would leave the thread running
            return Reply(status=200, streaming=True, body=body, tally=tally)
        return Reply(status=200, streaming=False, body=once(await self._whole(answer, wish, connection)))

    async def healthy(self) -> bool:
        """Whether the server greets us, with our model, or answers a ping."""
        try:
            self._give_back(await self._connection(self._address))
        except (GatewayError, TurnedAway):
            return False
        return True

    async def close(self) -> None:
        """Connections that are still being opened are waited for as long as connecting may take; those that open later hang up
        at once.
        """
        self._closed = True
        for connection in [*self._idle, *self._busy]:
            connection.close()
        self._idle.clear()
        if self._opening:
            await asyncio.wait(self._opening, timeout=self._timeouts.connect_s)

    def _wish(self, call: UpstreamCall) -> Wish:
        part = self._generator.part
        return wish_of(
            call.body, self._generator.pieces, part.words.template, context=part.shape.context, most=self._most_tokens
        )

    async def _whole(self, answer: Answer, wish: Wish, connection: Connection) -> JsonObject:
        said: list[str] = []
        async with aclosing(self._steps(wish, connection)) as steps:
            async for step in steps:
                if isinstance(step, Piece):
                    said.append(step.text)
                elif isinstance(step, End):
                    return answer.whole("".join(said), step)
        raise InternalFault("an encrypted generation ended without an end")

    async def _streamed(
        self, answer: Answer, wish: Wish, connection: Connection, tally: Tally, *, usage: bool
    ) -> AsyncGenerator[JsonObject, None]:
        """The tally sees the tokens also where the client does not want to."""
        try:
            yield {}
            yield answer.delta({"role": "assistant", "content": ""})
        except BaseException:
            connection.close()
            raise
        async with aclosing(self._steps(wish, connection)) as steps:
            async for step in steps:
                for event in answer.events(step):
                    tally.see(event)
                    if usage or event["choices"]:
                        yield event

    async def _steps(self, wish: Wish, connection: Connection) -> AsyncGenerator[Step, None]:
        """The steps of a generation in a thread. Raises UpstreamError; the connection is used again only after an honest end.

        Time is up by a timer that hangs up: a reply may be read by another task than the one that asked for it.
        """
        self._busy.add(connection)
        deadline = _Deadline(self._timeouts.total_s, connection.close)
        ended = False
        try:
            async for step in _from_thread(self._to_the_end(wish, connection)):
                ended = isinstance(step, End)
                yield step
        except UpstreamError:
            if deadline.passed:
                raise UpstreamTimeout("the encrypted endpoint did not finish within the time limit") from None
            raise
        finally:
            deadline.cancel()
            self._busy.discard(connection)
            if not ended:
                connection.close()
            elif self._address.lasting:
                self._give_back(connection)

    def _to_the_end(self, wish: Wish, connection: Connection) -> Iterator[Step]:
        """A line for one answer is left in its thread, also where nobody waits for that."""
        yield from self._generator.steps(wish, connection)
        if not self._address.lasting:
            connection.part()

    async def _connection(self, address: Way) -> Connection:
        """An idle one that the server has not dropped, or a new one. Raises UpstreamError."""
        if self._closed:
            raise UpstreamUnreachable(_LEAVING)
        while self._idle:
            idle = self._idle.pop()
            try:
                await asyncio.to_thread(idle.ping)
            except UpstreamError:
                idle.close()
            except BaseException:
                idle.close()
                raise
            else:
                return idle
        return await self._new(address)

    async def _new(self, address: Way) -> Connection:
        """Whoever leaves before the server has greeted us leaves no connection behind. Raises UpstreamError."""
        opening = asyncio.create_task(asyncio.to_thread(Connection, address, self._generator.part.blueprint))
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        try:
            opened = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_hang_up)
            raise
        if self._closed:
            opened.close()
            raise UpstreamUnreachable(_LEAVING)
        return opened

    def _give_back(self, connection: Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)


class _Deadline:
    """Does something when time is up, and says whether it was."""

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        self.passed = False
        self._act = act
        self._timer = asyncio.get_running_loop().call_later(seconds, self._pass)

    def cancel(self) -> None:
        self._timer.cancel()

    def _pass(self) -> None:
        self.passed = True
        self._act()


async def _from_thread(steps: Iterator[Step]) -> AsyncIterator[Step]:
    """The steps that an iterator makes in a thread of its own. Raises what it raised, if that is an error of ours."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[Step | GatewayError | None]()

    def run() -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            try:
                for step in steps:
                    loop.call_soon_threadsafe(queue.put_nowait, step)
                loop.call_soon_threadsafe(queue.put_nowait, None)
            except GatewayError as error:
                loop.call_soon_threadsafe(queue.put_nowait, error)
            except Exception:  # noqa: BLE001 - its text could hold what was said
                loop.call_soon_threadsafe(queue.put_nowait, InternalFault("an encrypted generation failed"))

    threading.Thread(target=run, name="fhe", daemon=True).start()
    while (step := await queue.get()) is not None:
        if isinstance(step, GatewayError):
            raise step
        yield step


def _hang_up(opening: asyncio.Task[Connection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
