"""Names of counts. A principal's path may hold a mail address, so no path is readable in a store outside of this process."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Protocol

from gateway.obligations import Limit

_DIGITS = 32  # 128 bits in hexadecimal


class Naming(Protocol):
    def name(self, limit: Limit) -> str:
        """The same for limits that share a count. The period is part of it: a day's quota says nothing about a minute's."""


class PlainKeys:
    """For this process's own memory."""

    def name(self, limit: Limit) -> str:
        return f"{limit.kind}:{limit.period_s}:{limit.scope}"


@dataclass(frozen=True, slots=True)
class HashedKeys:
    """`prefix:{scope}:kind:period`; the braces keep a scope's counts on one node of a Redis cluster."""

    prefix: str
    secret: bytes = field(repr=False)

    def name(self, limit: Limit) -> str:
        scope = hmac.digest(self.secret, limit.scope.encode("utf-8", "surrogatepass"), "sha256").hex()[:_DIGITS]
        return f"{self.prefix}:{{{scope}}}:{limit.kind}:{limit.period_s}"
