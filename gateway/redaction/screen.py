"""Screens streamed text for new personal data: sentence by sentence, since a recognizer needs a whole one to judge.

Used only where the reply policy asks for more than `keep`; otherwise nothing is held back here.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

_SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s|[。！？；\n]")
_LONGEST = 1_000


class StreamScreen:
    """Releases text in treated sentences. With `whole` (JSON documents) it waits for the end of the channel."""

    def __init__(self, treat: Callable[[str], Awaitable[str]], *, whole: bool) -> None:
        self._treat = treat
        self._whole = whole
        self._pending = ""

    async def feed(self, text: str) -> str:
        self._pending += text
        return "" if self._whole else await self._release(_boundary(self._pending))

    async def finish(self) -> str:
        return await self._release(len(self._pending))

    async def _release(self, end: int) -> str:
        ready, self._pending = self._pending[:end], self._pending[end:]
        return await self._treat(ready) if ready else ""


def _boundary(text: str) -> int:
    """Where the last whole sentence ends; where the last word ends, when a sentence runs on for too long."""
    end = max((match.end() for match in _SENTENCE_END.finditer(text)), default=0)
    if end or len(text) < _LONGEST:
        return end
    return text.rfind(" ") + 1 or len(text)
