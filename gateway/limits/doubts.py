"""Slots that Redis may hold although nobody does: it carries out what it answers too late, or answers nobody any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import ClassVar, TypeAlias

from gateway.errors import ProtectionUnavailable

GiveBack: TypeAlias = Callable[[str, tuple[int, ...]], Awaitable[None]]
"""Of a name, these holders. Raises ProtectionUnavailable."""


class Doubts:
    """Gives such slots back as soon as Redis answers again; a lease that is not known of ends by itself."""

    PAUSE_S: ClassVar[float] = 1.0
    MOST: ClassVar[int] = 10_000

    def __init__(self, give_back: GiveBack) -> None:
        self._give_back = give_back
        self._slots: set[tuple[str, int]] = set()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def about(self, name: str, holder: int) -> Iterator[None]:
        """What is done in here may be done without an answer."""
        try:
            yield
        except ProtectionUnavailable:
            self._note(name, holder)
            raise

    async def close(self) -> None:
        self._slots.clear()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _note(self, name: str, holder: int) -> None:
        if len(self._slots) < self.MOST:
            self._slots.add((name, holder))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._clear())

    async def _clear(self) -> None:
        while self._slots:
            await asyncio.sleep(self.PAUSE_S)
            with suppress(ProtectionUnavailable):
                await self._settle()

    async def _settle(self) -> None:
        for name in {name for name, _ in self._slots}:
            holders = tuple(holder for of, holder in self._slots if of == name)
            await self._give_back(name, holders)
            self._slots.difference_update((name, holder) for holder in holders)
