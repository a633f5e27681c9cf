"""Requests that failed lately. One that makes a backend fail is asked of the next as well, and comes again from a client that
repeats it: it says something of the first backend that it met, and nothing of the others, which would else be left alone one
after the other for the sake of a single bad request.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b

import orjson

from gateway.exchange import Exchange

_BYTES = 16
_REMEMBERED_S = 60.0
_MOST = 1_024


class Suspects:
    """`clock` in seconds. A request is known by its cause, a keyed digest; the oldest are forgotten first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def failed(self, cause: bytes) -> bool:
        """Whether it was a suspect already; from now on it is one."""
        now = self._clock()
        known = self._until.pop(cause, now) > now
        self._until[cause] = now + _REMEMBERED_S
        if len(self._until) > _MOST:
            self._until.popitem(last=False)
        return known

    def acquit(self, cause: bytes) -> None:
        """Somebody answered it, so whoever failed it is to blame."""
        self._until.pop(cause, None)


def cause_of(exchange: Exchange, secret: bytes) -> bytes:
    """What a request is known by while it is suspected. `secret` has at most 64 bytes; the tenant is a part of it."""
    tenant = "" if exchange.principal is None else exchange.principal.tenant
    return blake2b(orjson.dumps([tenant, exchange.redacted]), key=secret, digest_size=_BYTES, person=b"cause").digest()
