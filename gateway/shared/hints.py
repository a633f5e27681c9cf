"""What one gateway tells the others: that something changed, and never what. Who hears it looks for himself.

A hint is signed, so that nobody who can only write to Redis makes gateways busy with words of his own. An old one that is sent
again does no more than the first: a gateway looks again at what it would look at within a second anyway.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import StrEnum

_LONGEST = 200  # bytes
_PARTS = 3


class Topic(StrEnum):
    """What changed."""

    KEYS = "keys"
    POLICY = "policy"
    CIRCUIT = "circuit"


@dataclass(frozen=True, slots=True)
class Hint:
    """`word` is the version of a policy, or a keyed digest of a deployment whose breaker opened; it holds no space, and nothing
    that is secret.
    """

    topic: Topic
    word: str = "-"


@dataclass(frozen=True, slots=True)
class HintSeal:
    """Signs with HMAC-SHA256 (RFC 2104). The key is the same in all gateways that have the same secret."""

    key: bytes = field(repr=False)

    def write(self, hint: Hint) -> bytes:
        told = f"{hint.topic} {hint.word}"
        return f"{told} {self._tag(told)}".encode()

    def read(self, raw: object) -> Hint | None:
        """None for what none of us wrote."""
        if not isinstance(raw, bytes) or len(raw) > _LONGEST or not raw.isascii():
            return None
        parts = raw.decode().split(" ")
        if len(parts) != _PARTS or not hmac.compare_digest(self._tag(" ".join(parts[:2])), parts[2]):
            return None
        return Hint(Topic(parts[0]), parts[1]) if parts[0] in list(Topic) else None

    def _tag(self, told: str) -> str:
        return hmac.digest(self.key, told.encode(), "sha256").hex()
