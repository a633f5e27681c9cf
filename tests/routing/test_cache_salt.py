"""The salt of a tenant: stable, silent, and nobody else's, whatever the client sends."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.audit.journal import NoJournal
from gateway.exchange import Exchange, Principal
from gateway.protocol.wire import Surface
from gateway.routing.cache_salt import cache_salt

SECRET = b"s" * 32


async def no_intake() -> bytes:
    return b""


def exchange(tenant: str, who: str = "app", **body: Any) -> Exchange:
    principal = Principal(tenant=tenant, id=who)
    return Exchange(
        call_id="c",
        surface=Surface.CHAT,
        journal=NoJournal(),
        intake=no_intake,
        principal=principal,
        request={"model": "m", **body},
    )


def salt(tenant: str, who: str = "app", **body: Any) -> str:
    made = cache_salt(exchange(tenant, who, **body), SECRET)
    assert made is not None
    return made


def test_it_is_the_tenants_whoever_asks_and_whatever_is_asked() -> None:
    assert salt("acme", "app", messages=[]) == salt("acme", "analyst", messages=["hi"])


def test_it_is_what_servers_take() -> None:
    """vLLM: at most 128 characters, none of `@`, `/`, a backslash and NUL."""
    made = salt("acme")
    assert len(made) == 64
    assert set(made) <= set("0123456789abcdef")


def test_it_depends_on_tenant_and_secret() -> None:
    made = {salt("acme"), salt("globex"), cache_salt(exchange("acme"), b"t" * 32)}
    assert len(made) == 3


def test_a_clients_own_parts_its_tenant_further() -> None:
    made = {salt("acme"), salt("acme", cache_salt="a"), salt("acme", cache_salt="b"), salt("acme", cache_salt="")}
    assert len(made) == 4
    assert salt("acme", cache_salt="a") == salt("acme", cache_salt="a")


@pytest.mark.parametrize("guess", ["acme", "4:acme", salt("acme"), salt("acme", cache_salt="x"), "\ud800", 7, ["acme"], {}])
def test_a_client_cannot_name_another_tenants(guess: Any) -> None:
    theirs = {salt("acme"), salt("acme", cache_salt=guess), guess if isinstance(guess, str) else None}
    assert salt("globex", cache_salt=guess) not in theirs


def test_a_longer_name_with_less_said_is_another() -> None:
    assert salt("acme", cache_salt="x") != salt("acme=x")
    assert salt("1", cache_salt="x") != salt("1=x")


def test_nobody_has_none() -> None:
    assert cache_salt(exchange("acme").but(principal=None), SECRET) is None
