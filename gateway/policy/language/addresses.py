"""URLs and networks, as the language accepts them."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from gateway.policy.language.part import refuse
from gateway.rules.identity import Network


def _key_url(url: str) -> str:
    fix = "write https://host/path, or http://127.0.0.1:port/path for this machine"
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise refuse("not a URL", fix) from None
    if not host or not url.isprintable() or " " in url or parts.username is not None or parts.fragment:
        raise refuse("not a plain URL", fix)
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        raise refuse("keys would be fetched unprotected", fix)
    return url


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def network(text: str) -> Network:
    """Raises ValueError."""
    return ip_network(text)


def _trusted(text: str) -> str:
    fix = "write an address and the length of its prefix, the rest being zero: 10.1.0.0/16, 192.0.2.7/32, fd00:1::/64"
    try:
        found = network(text)
    except ValueError:
        raise refuse("not a network", fix) from None
    if found.prefixlen == 0:
        raise refuse("every address there is", "name the networks of your proxies only")
    return text


JwksUrl: TypeAlias = Annotated[str, AfterValidator(_key_url), Field(json_schema_extra={"format": "uri"})]
TrustedNetwork: TypeAlias = Annotated[str, AfterValidator(_trusted)]
