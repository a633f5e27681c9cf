"""Tokens for the record where the backend told none: counted with the model's tokenizer, or else estimated from the texts.

It stands around `route`, and sees what `route` sees: the redacted request and the reply before anything is put back into it. So
it counts what the backend read and wrote.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from gateway.accounting.asked import asked
from gateway.accounting.count import TokenCount
from gateway.accounting.heard import Heard
from gateway.exchange import Body, Exchange, Reply
from gateway.exchange.relay import JournalRelay
from gateway.limits.estimate import estimate, rough_tokens
from gateway.pipeline import Proceed
from gateway.protocol.usage import Usage, UsageSource
from gateway.protocol.wire import JsonObject


class Count:
    """The stage."""

    def __init__(self, tokens: TokenCount) -> None:
        self._tokens = tokens

    async def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        journal = _Noting(exchange.journal)
        reply = await proceed(exchange.but(journal=journal))
        if reply.status >= 400:
            return reply
        heard = Heard(exchange.surface)

        async def over() -> None:
            if journal.usage.is_silent:
                await self._settle(exchange, journal, heard)

        return replace(reply, body=_Listening(reply.body, heard.see, over))

    async def _settle(self, exchange: Exchange, journal: _Noting, heard: Heard) -> None:
        """The estimate first: counting may take longer than a client that hung up is waited for."""
        told, speaks = journal.usage, exchange.surface.speaks
        journal.settle(_with(told, *_estimated(exchange, heard), UsageSource.ESTIMATED, speaks=speaks))
        counted = await self._tokens.of(journal.deployment, asked(exchange.redacted or {}, exchange.surface), heard)
        if counted is not None:
            journal.settle(_with(told, *counted, UsageSource.COUNTED, speaks=speaks))


class _Listening(AsyncGenerator[JsonObject, None]):
    """The reply as it is, and a word when it is over, however it ends. Every event passes here, so it is no generator function,
    which would cost each of them twice as much.
    """

    def __init__(self, body: Body, see: Callable[[JsonObject], None], over: Callable[[], Awaitable[None]]) -> None:
        self._body = body
        self._see = see
        self._over = over
        self._ended = False

    def asend(self, value: None) -> Coroutine[Any, Any, JsonObject]:  # noqa: ARG002 - nobody sends anything
        return self.__anext__()

    async def __anext__(self) -> JsonObject:
        try:
            delta = await anext(self._body)
        except BaseException:
            await self._end()
            raise
        self._see(delta)
        return delta

    async def athrow(self, *error: Any) -> JsonObject:
        return await self._body.athrow(*error)

    async def aclose(self) -> None:
        try:
            await self._body.aclose()
        finally:
            await self._end()

    async def _end(self) -> None:
        if not self._ended:
            self._ended = True
            await self._over()


class _Noting(JournalRelay):
    """Notes which deployment answered: only what lies further in knows."""

    deployment: str | None = None

    def observe(self, exchange: Exchange) -> None:
        self.deployment = exchange.deployment
        super().observe(exchange)


def _with(told: Usage, input_tokens: int, output_tokens: int, source: UsageSource, *, speaks: bool) -> Usage:
    return replace(told, input_tokens=input_tokens, output_tokens=output_tokens if speaks else None, source=source)


def _estimated(exchange: Exchange, heard: Heard) -> tuple[int, int]:
    """By the rule that limits estimate with. An event of a stream is a token at least."""
    if exchange.facts is None:
        raise LookupError("count runs after receive")
    read = estimate(exchange.redacted or {}, exchange.facts).input_tokens
    return read, max(heard.scaled(sum(map(rough_tokens, heard.texts))), heard.events)
