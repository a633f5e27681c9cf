"""What keeps tenants apart in the cache of a backend that they share.

A backend answers sooner where it has read the beginning of a prompt before, whoever's it was: by the time of an answer, or by
the count of cached tokens, one tenant could find out word by word what another one sent. vLLM and SGLang use what they have
computed only for requests with the same `cache_salt`, so each tenant has one of its own, which says nothing and stays the same.
"""

from __future__ import annotations

from hashlib import blake2b

from gateway.exchange import Exchange

FIELD = "cache_salt"
_BYTES = 32


def cache_salt(exchange: Exchange, secret: bytes) -> str | None:
    """64 hexadecimal digits for the exchange's tenant; None without a caller. `secret` has at most 64 bytes.

    A salt that the client sent is a part of it: it parts the tenant's own requests further, and never names another tenant's.
    """
    if exchange.principal is None:
        return None
    tenant = exchange.principal.tenant.encode()
    own = (exchange.request or {}).get(FIELD)
    said = b"" if own is None else b"=" + str(own).encode("utf-8", "surrogatepass")
    return blake2b(b"%d:%b%b" % (len(tenant), tenant, said), key=secret, digest_size=_BYTES, person=b"cachesalt").hexdigest()
