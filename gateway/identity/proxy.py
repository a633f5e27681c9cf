"""The caller whom a trusted proxy names by a TLS client certificate. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from gateway.errors import Unauthenticated
from gateway.exchange import Principal
from gateway.exchange.peer import Peer
from gateway.rules.identity import ProxyRules


def principal_of(peer: Peer | None, rules: ProxyRules | None) -> Principal | None:
    """None if no trusted proxy says anything. From any other peer the header is not even read.

    Raises Unauthenticated if the proxy says it twice, or names a certificate that policy does not know.
    """
    if rules is None or peer is None or not _trusted(peer.address, rules):
        return None
    values = peer.header(rules.header)
    if len(values) > 1:
        raise Unauthenticated("The header with the client certificate's subject was sent more than once.")
    subject = values[0].strip() if values else ""
    if not subject:
        return None
    if subject not in rules.subjects:
        raise Unauthenticated("The subject of the client certificate is not in the gateway's policy.")
    tenant, principal = rules.subjects[subject]
    return Principal(tenant=tenant, id=principal)


def _trusted(address: str | None, rules: ProxyRules) -> bool:
    if address is None:
        return False
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped  # how a socket for both families writes an IPv4 address
    return any(found in network for network in rules.trusted)
