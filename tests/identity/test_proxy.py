from __future__ import annotations

from ipaddress import ip_network

import pytest
from starlette.datastructures import Headers

from gateway.errors import Unauthenticated
from gateway.exchange import Principal
from gateway.exchange.peer import Peer
from gateway.identity.proxy import principal_of
from gateway.rules.identity import ProxyRules

SUBJECT = "CN=app,OU=Payments,O=Acme"
APP = Principal(tenant="acme", id="app")
RULES = ProxyRules(
    header="x-client-subject",
    trusted=(ip_network("10.1.0.0/16"), ip_network("fd00:1::/64")),
    subjects={SUBJECT: ("acme", "app"), "spiffe://acme/app": ("acme", "app")},
)


def peer(address: str | None, *values: str, header: str = "x-client-subject") -> Peer:
    raw = [(header.lower().encode(), value.encode("latin-1")) for value in values]
    return Peer(address=address, header=Headers(raw=raw).getlist)


@pytest.mark.parametrize("address", ["10.1.0.1", "10.1.255.255", "::ffff:10.1.2.3", "fd00:1::5"])
@pytest.mark.parametrize("value", [SUBJECT, f"  {SUBJECT} ", "spiffe://acme/app"])
def test_a_trusted_proxy_names_the_caller(address: str, value: str) -> None:
    assert principal_of(peer(address, value, header="X-Client-Subject"), RULES) == APP


@pytest.mark.parametrize(
    "address",
    [None, "", "10.2.0.1", "127.0.0.1", "::1", "fd00:2::5", "::10.1.0.1", "64:ff9b::a01:1", "testclient", "10.1.0.1 "],
)
def test_from_any_other_peer_the_header_is_not_even_read(address: str | None) -> None:
    assert principal_of(peer(address, SUBJECT), RULES) is None
    assert principal_of(Peer(address=address, header=lambda _: pytest.fail("read")), RULES) is None


def test_without_configuration_or_connection_nobody_is_named() -> None:
    assert principal_of(peer("10.1.0.1", SUBJECT), None) is None
    assert principal_of(None, RULES) is None


@pytest.mark.parametrize("values", [(), ("",), ("  ",)])
def test_no_certificate_is_no_caller(values: tuple[str, ...]) -> None:
    assert principal_of(peer("10.1.0.1", *values), RULES) is None


@pytest.mark.parametrize(
    "values",
    [
        (SUBJECT, SUBJECT),
        (SUBJECT, "CN=root"),
        ("", SUBJECT),
        (f"{SUBJECT},CN=root",),
        (f"{SUBJECT}, {SUBJECT}",),
        (SUBJECT.lower(),),
        (SUBJECT.replace(",", ", "),),
        ("O=Acme,OU=Payments,CN=app",),
        ("CN=app",),
        ("CN=\xe4pp",),
    ],
)
def test_other_texts_and_duplicates_are_refused_and_not_quoted(values: tuple[str, ...]) -> None:
    with pytest.raises(Unauthenticated) as caught:
        principal_of(peer("10.1.0.1", *values), RULES)
    assert "CN=" not in caught.value.message
