"""An answer as it is kept: redacted, whole, and in the pieces in which it came. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.protocol.wire import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedAnswer:
    """`made_by` is the call that a backend answered, `made_at` when it did, in seconds since 1970. `events` are JSON objects as
    bytes; `gaps_ms` are the pauses before each of them.
    """

    made_by: str
    made_at: float
    streaming: bool
    events: Sequence[bytes] = field(repr=False)
    gaps_ms: Sequence[int] = field(repr=False)

    def packed(self) -> bytes:
        head = {"by": self.made_by, "at": self.made_at, "streaming": self.streaming, "gaps": list(self.gaps_ms)}
        return b"\n".join((orjson.dumps(head), *self.events))

    @classmethod
    def unpacked(cls, packed: bytes) -> CachedAnswer:
        """Raises ValueError for what `packed` did not write."""
        first, *events = packed.split(b"\n")
        head: Any = orjson.loads(first)
        try:
            return cls(made_by=head["by"], made_at=head["at"], streaming=head["streaming"], gaps_ms=head["gaps"], events=events)
        except (KeyError, TypeError):
            raise ValueError("not an answer") from None


def read_event(event: bytes) -> JsonObject:
    """An object of one's own: nobody else sees what becomes of it."""
    read: JsonObject = orjson.loads(event)
    return read
