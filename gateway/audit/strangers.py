"""Keeps whoever nobody knows from filling the record: some refusals are entered one by one, and what is beyond is counted.

A caller who is known answers for its entries, and its key can be revoked. Somebody without a credential has none, and each
request that is refused would be an entry that stays for years. Such an entry says when and where somebody was refused, and
why, so a count of them says nearly as much.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from gateway.audit.act import Act, Action, ActOutcome, entry_of_act, new_act
from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.log import Entry

ACTOR = "system:door"
_NOTED = 12
"""So many kinds of attempts are named in the note of a count; the others are one number."""


class BoundedLog:
    """An AuditLog before that of a database. Usable from several event loops.

    Of entries that tell only of a stranger (`Entry.stranger`), `burst` are written as they are, and `per_s` each second beyond.
    The first further one opens an act, which is durable before any of them is answered; `span_s` seconds later, or when the log
    closes, the act ends with how many there were. An act without an end says that the process was killed: there were some.
    """

    def __init__(
        self,
        log: DatabaseAuditLog,
        *,
        burst: int = 300,
        per_s: float = 1.0,
        span_s: float = 60.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._log = log
        self._burst = burst
        self._per_s = per_s
        self._span_s = span_s
        self._clock = clock
        self._lock = threading.Lock()
        self._left = float(burst)
        self._at = clock()
        self._span: _Span | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._counted = 0

    @property
    def healthy(self) -> bool:
        return self._log.healthy

    @property
    def unsigned(self) -> str:
        """Why no checkpoint can be signed at present; empty while all is well."""
        return self._log.unsigned

    @property
    def counted(self) -> int:
        """How many strangers were counted instead of entered, since the start."""
        return self._counted

    async def append(self, entry: Entry) -> None:
        span = self._counted_in(entry)
        if span is None:
            await self._log.append(entry)
            return
        self._end_later()
        if not span.open:
            await self._log.append(span.opening)  # by whoever comes until it is durable: the same entry is one
            span.open = True

    def append_soon(self, entry: Entry) -> None:
        span = self._counted_in(entry)
        if span is None:
            self._log.append_soon(entry)
            return
        with contextlib.suppress(RuntimeError):  # without a loop it ends with the next count, or with the log
            self._end_later()
        if not (span.open or span.owed):
            span.owed = True
            self._log.append_soon(span.opening)

    async def close(self) -> None:
        self._end()
        await self._log.close()

    def _counted_in(self, entry: Entry) -> _Span | None:
        """None for an entry that is to be written as it is."""
        if entry.stranger is None:
            return None
        with self._lock:
            now = self._clock()
            self._left, self._at = min(self._burst, self._left + (now - self._at) * self._per_s), now
            if self._left >= 1:
                self._left -= 1
                return None
            self._span = self._span or _Span()
            self._span.tried[entry.stranger] += 1
            self._counted += 1
            return self._span

    def _end_later(self) -> None:
        """Raises RuntimeError where no event loop runs."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._ending is None:
                self._ending = loop.call_later(self._span_s, self._end)

    def _end(self) -> None:
        with self._lock:
            span, self._span = self._span, None
            if self._ending is not None:
                self._ending.cancel()
            self._ending = None
        if span is not None:
            self._log.append_soon(span.end())


class _Span:
    """A time in which strangers are counted: the act that says so, and what they tried."""

    def __init__(self) -> None:
        self._act: Act = new_act(Action.STRANGERS_COUNT, actor=ACTOR)
        self.opening = entry_of_act(self._act)
        self.open = False  # it is durable
        self.owed = False  # somebody who hung up left it to the log
        self.tried: Counter[str] = Counter()

    def end(self) -> Entry:
        named = dict(self.tried.most_common(_NOTED))
        rest = self.tried.total() - sum(named.values())
        words = ", ".join(f"{count} {what}" for what, count in (named | ({"others": rest} if rest else {})).items())
        ended = self._act.ended(ActOutcome.DONE)
        return entry_of_act(
            replace(ended, result=str(self.tried.total()), note=f"refused, without entries of their own: {words}")
        )
