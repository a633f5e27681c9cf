"""Screens streamed text for new personal data: sentence by sentence, since a recognizer needs a whole one to judge.

Used only where the reply policy asks for more than `keep`; otherwise nothing is held back here.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import orjson

_SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s|[。！？；\n]")
_SHORTENED = re.compile(
    r"""(?<![^\W\d_])(?:[^\W\d_]|mrs?|m[sx]|dr|prof|rev|hon|st|[sj]r|gen|col|maj|capt|cmdr|lt|sgt|gov|sen|herr|frau|mme|mlle
    |no|nr|tel|fax|mob|ph|ext|ref|acct|lic|reg|ave|rd|blvd|ln|apt|dept|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.\Z""",
    re.IGNORECASE | re.VERBOSE,
)
"""An initial, a title, a month, a word before a number: what it goes on with belongs to it, and may be known by it."""
_COMES_TO_AN_END = re.compile(r"[.!?:;…。！？：；][\"')\]*`]*\Z")
_PART_OF_MORE = re.compile(r"(?:[@/\\:.]\w[^\s。！？；，、]*|(?:\d|https?|mailto)(?=:))[.?:;][\"')\]*`]*\Z", re.IGNORECASE)
"""A half of an address, a path or a time may end as a sentence does."""
_ADDRESS = 100
"""Characters that are looked at for it."""
_NEAR = 8
"""Characters that are looked at on either side of an end: more than anything shortened has."""
_LONGEST = 1_000
_KEPT_BACK = 100
_CUTS_TRIED = 4


class StreamScreen:
    """Releases text in treated sentences. With `whole` (JSON documents) it waits for the end of the channel. At the end
    `ended` is given the text as it came and as it went.
    """

    def __init__(
        self, treat: Callable[[str], Awaitable[str]], *, whole: bool, ended: Callable[[str, str], None] | None = None
    ) -> None:
        self._treat = treat
        self._whole = whole
        self._ended = ended
        self._released: list[tuple[str, str]] = []
        self._pending = ""
        self._try_at = _LONGEST
        self._looked_at = 0

    async def feed(self, text: str) -> str:
        seen = len(self._pending)
        self._pending += text
        if self._whole:
            return ""
        end = sentence_end(self._pending, max(seen - 2 * _NEAR, 0))
        if not end and len(self._pending) >= self._try_at:
            end = await self._safe_cut()
            self._try_at = 2 * len(self._pending)  # doubling keeps the work linear
        if end:
            self._try_at = _LONGEST
        return await self._release(end)

    async def pause(self) -> str:
        """What waits, where it is whole by itself: another text has begun, and this one may have ended without saying so."""
        if len(self._pending) == self._looked_at:
            return ""
        self._looked_at = len(self._pending)
        is_whole = _is_document(self._pending) if self._whole else _is_said(self._pending)
        return await self._release(len(self._pending)) if is_whole else ""

    async def finish(self) -> str:
        rest = await self._release(len(self._pending))
        if self._ended is not None:
            came, went = zip(*self._released, strict=True) if self._released else ((), ())
            self._ended("".join(came), "".join(went))
        return rest

    async def _safe_cut(self) -> int:
        """In a sentence that runs on: a place where treating the two parts gives the whole treated, so no finding is cut."""
        text, end = self._pending, len(self._pending) - _KEPT_BACK
        whole = await self._treat(text)
        for _ in range(_CUTS_TRIED):
            end = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end)) + 1
            if not end:
                break
            if await self._treat(text[:end]) + await self._treat(text[end:]) == whole:
                return end
            end -= 1
        return 0

    async def _release(self, end: int) -> str:
        ready, self._pending, self._looked_at = self._pending[:end], self._pending[end:], 0
        if not ready:
            return ""
        treated = await self._treat(ready)
        if self._ended is not None:
            self._released.append((ready, treated))
        return treated


def sentence_end(text: str, at: int = 0) -> int:
    """Where the last whole sentence ends, behind the first `at` characters; 0 when none does."""
    return max((end.end() for end in _SENTENCE_END.finditer(text, at) if _ends(text, end)), default=0)


def _is_said(text: str) -> bool:
    """Whether a text would be a whole sentence if a word followed in a new line."""
    said = text.rstrip()
    if _COMES_TO_AN_END.search(said, max(len(said) - _NEAR, 0)) is None:
        return False
    if _PART_OF_MORE.search(said, max(len(said) - _ADDRESS, 0)):
        return False
    return sentence_end(f"{said}\nx") > len(said)


def _is_document(text: str) -> bool:
    if not text.rstrip().endswith(("}", "]")):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _ends(text: str, end: re.Match[str]) -> bool:
    """Not behind what is shortened, nor between digits: a number may go on behind a line break."""
    start = end.start()
    before, after = text[max(start - _NEAR, 0) : start], text[end.end() : end.end() + _NEAR].lstrip()
    if text[start] == "." and _SHORTENED.search(f"{before}."):
        return False
    last = before.rstrip()[-1:]
    return not (last == "-" or last.isdecimal()) or not (after == "" or after[0].isdecimal())
