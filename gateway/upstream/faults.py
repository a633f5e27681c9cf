"""aiohttp's failures as ours. Theirs hold URLs, headers and with them keys, so they are never chained or shown."""

from __future__ import annotations

from typing import TypeAlias

import aiohttp

from gateway.errors import UpstreamError, UpstreamProtocolError, UpstreamTimeout, UpstreamTruncated, UpstreamUnreachable

_Kinds: TypeAlias = tuple[type[Exception], ...]

FAULTS: _Kinds = (aiohttp.ClientError, OSError)
"""What a call through aiohttp can raise; TimeoutError is an OSError."""

# The first match counts: a connection that timed out is both of the first two.
_TABLE: tuple[tuple[_Kinds, type[UpstreamError], str], ...] = (
    ((aiohttp.ConnectionTimeoutError,), UpstreamUnreachable, "no connection to the backend within the time limit"),
    ((TimeoutError,), UpstreamTimeout, "the backend did not answer within the time limit"),
    ((aiohttp.ClientConnectorError,), UpstreamUnreachable, "the backend cannot be reached"),
    ((aiohttp.ClientResponseError,), UpstreamProtocolError, "the backend did not answer in HTTP"),
    (FAULTS, UpstreamTruncated, "the connection to the backend broke before its answer was finished"),
)


def typed(fault: Exception) -> UpstreamError:
    """Our error for one of FAULTS; raise it `from None`."""
    for kinds, error, message in _TABLE:
        if isinstance(fault, kinds):
            return error(message)
    raise TypeError("not a fault of a call")
