"""Leave to follow a list as it grows. Starting it is entered in the record, so asking on needs proof that it was started."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime

from gateway.identity.pepper import Pepper

LASTS_S = 3_600
_PURPOSE = "explorer-tail"


class TailPasses:
    """A pass says until when it holds, and is bound to a session, to what is followed and to where that began."""

    def __init__(self, pepper: Pepper, clock: Callable[[], datetime]) -> None:
        self._key = pepper.key_for(_PURPOSE)
        self._clock = clock

    def issue(self, session: str, query: str, start: int) -> str:
        """For what comes after the entry `start` of the log."""
        ends = int(self._clock().timestamp()) + LASTS_S
        return f"{ends}.{start}.{self._sign(ends, start, session, query)}"

    def holds(self, ticket: str, session: str, query: str, after: int) -> bool:
        """Whether it lets see what comes after the entry `after`."""
        until, _, rest = ticket.partition(".")
        since, _, signature = rest.partition(".")
        if not (_is_number(until) and _is_number(since) and signature.isascii()):
            return False
        ends, start = int(until), int(since)
        if self._clock().timestamp() >= ends or after < start:
            return False
        return hmac.compare_digest(signature, self._sign(ends, start, session, query))

    def _sign(self, ends: int, start: int, session: str, query: str) -> str:
        return hmac.digest(self._key, f"{ends}\n{start}\n{session}\n{query}".encode(), "sha256").hex()


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 18
