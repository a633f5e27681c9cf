"""Screens streamed text for new personal data: sentence by sentence, since a recognizer needs a whole one to judge.

Used only where the reply policy asks for more than `keep`; otherwise nothing is held back here.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

_SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s|[。！？；\n]")
_LONGEST = 1_000
_KEPT_BACK = 100
_CUTS_TRIED = 4


class StreamScreen:
    """Releases text in treated sentences. With `whole` (JSON documents) it waits for the end of the channel."""

    def __init__(self, treat: Callable[[str], Awaitable[str]], *, whole: bool) -> None:
        self._treat = treat
        self._whole = whole
        self._pending = ""
        self._try_at = _LONGEST

    async def feed(self, text: str) -> str:
        self._pending += text
        if self._whole:
            return ""
        end = _sentence_end(self._pending)
        if not end and len(self._pending) >= self._try_at:
            end = await self._safe_cut()
            self._try_at = _LONGEST if end else 2 * len(self._pending)  # doubling keeps the work linear
        return await self._release(end)

    async def finish(self) -> str:
        return await self._release(len(self._pending))

    async def _safe_cut(self) -> int:
        """In a sentence that runs on: a place where treating the two parts gives the whole treated, so no finding is cut."""
        text, end = self._pending, len(self._pending) - _KEPT_BACK
        whole = await self._treat(text)
        for _ in range(_CUTS_TRIED):
            end = text.rfind(" ", 0, end) + 1
            if not end:
                break
            if await self._treat(text[:end]) + await self._treat(text[end:]) == whole:
                return end
            end -= 1
        return 0

    async def _release(self, end: int) -> str:
        ready, self._pending = self._pending[:end], self._pending[end:]
        return await self._treat(ready) if ready else ""


def _sentence_end(text: str) -> int:
    """Where the last whole sentence ends; 0 when none does."""
    return max((match.end() for match in _SENTENCE_END.finditer(text)), default=0)
