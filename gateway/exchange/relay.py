"""A journal in front of another: for whoever wants to hear one thing more of what an exchange tells."""

from __future__ import annotations

from gateway.exchange import Exchange, Journal
from gateway.exchange.content import Content
from gateway.protocol.usage import Usage


class JournalRelay:
    """Passes everything on."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def observe(self, exchange: Exchange) -> None:
        self._journal.observe(exchange)

    async def commit(self) -> None:
        await self._journal.commit()

    def settle(self, usage: Usage) -> None:
        self._journal.settle(usage)

    @property
    def usage(self) -> Usage:
        return self._journal.usage

    def elapsed_ms(self) -> float:
        return self._journal.elapsed_ms()

    def passed(self, stage: str, started_ms: float) -> None:
        self._journal.passed(stage, started_ms)

    def belongs_to(self, conversation: str) -> None:
        self._journal.belongs_to(conversation)

    async def keep(self, content: Content) -> None:
        await self._journal.keep(content)
