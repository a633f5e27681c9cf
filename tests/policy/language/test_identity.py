"""The `identity` part, on its own."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.policy.language.identity import Identity
from gateway.policy.language.words import Id
from gateway.rules.identity import ClaimSource, IdentityRules, IssuerRules, JwksPlace, PersonRules, ProxyRules, Role, is_id

FOLDER = Path("/etc/gateway")
URL = "https://idp.example.com/keys"


def issuer(**changes: Any) -> dict[str, Any]:
    usual = {"issuer": "https://idp.example.com", "audience": ["gateway"], "jwks": {"url": URL}, "tenants": ["acme"]}
    return {**usual, **changes}


def two(one: dict[str, Any] | None = None, other: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"jwt": {"a": issuer(**(one or {})), "b": issuer(**{"issuer": "https://b.example.com", **(other or {})})}}


def jwt(**changes: Any) -> dict[str, Any]:
    return {"jwt": {"idp": issuer(**changes)}}


def proxy(**changes: Any) -> dict[str, Any]:
    usual = {"header": "X-Client-Subject", "trusted": ["10.1.0.0/16"], "subjects": {"CN=app": "acme/app"}}
    return {"proxy": {**usual, **changes}}


def rules(written: dict[str, Any]) -> IdentityRules:
    return Identity.model_validate(written).rules(FOLDER)


def test_nothing_written_is_nobody() -> None:
    assert rules({}) == IdentityRules()


def test_an_issuer_with_defaults() -> None:
    assert rules(jwt()).issuers == (
        IssuerRules(
            id="idp",
            issuer="https://idp.example.com",
            audience=frozenset({"gateway"}),
            jwks=JwksPlace(url=URL),
            algorithms=frozenset({"RS256", "ES256"}),
            tenants=frozenset({"acme"}),
        ),
    )


def test_an_issuer_with_everything() -> None:
    written = jwt(
        jwks={"file": "keys.json"},
        algorithms=["PS512", "Ed25519", "EdDSA"],
        leeway_s=0,
        max_age_s=600,
        tenants=["acme", "beta"],
        claims={
            "principal": {"claim": "email"},
            "tenant": {"claim": "org"},
            "team": {"value": "core"},
            "roles": {"claim": "https://x/groups"},
        },
        roles={"gw admins": "operator", "审计": "auditor"},
    )
    assert rules(written).issuers == (
        IssuerRules(
            id="idp",
            issuer="https://idp.example.com",
            audience=frozenset({"gateway"}),
            jwks=JwksPlace(file=FOLDER / "keys.json"),
            algorithms=frozenset({"PS512", "Ed25519", "EdDSA"}),
            tenants=frozenset({"acme", "beta"}),
            leeway_s=0,
            max_age_s=600,
            principal=ClaimSource(claim="email"),
            tenant=ClaimSource(claim="org"),
            team=ClaimSource(value="core"),
            roles_from=ClaimSource(claim="https://x/groups"),
            roles={"gw admins": Role.OPERATOR, "审计": Role.AUDITOR},
        ),
    )


@pytest.mark.parametrize(
    ("one", "other", "foreign"),
    [
        ({"prefix": "ci."}, {}, [set(), {"ci."}]),
        ({"prefix": "ci."}, {"prefix": "ci.x."}, [{"ci.x."}, set()]),
        ({"prefix": "ci."}, {"prefix": "staff."}, [set(), set()]),
        ({"same_callers_as": ["b"]}, {}, [set(), set()]),
        ({"prefix": "ci."}, {"same_callers_as": ["a"], "prefix": "ci."}, [set(), set()]),
        ({}, {"tenants": ["beta"]}, [set(), set()]),
    ],
)
def test_issuers_of_one_tenant_are_told_apart_or_said_to_be_of_the_same_callers(
    one: dict[str, Any], other: dict[str, Any], foreign: list[set[str]]
) -> None:
    assert [issuer.foreign for issuer in rules(two(one, other)).issuers] == foreign


def test_a_proxy_and_people() -> None:
    people = {
        "alice@example.com": {"roles": ["auditor"], "tenants": ["acme"], "issuers": ["idp"]},
        "bob": {"roles": ["operator"]},
    }
    found = rules({**jwt(), **proxy(trusted=["10.1.0.0/16", "fd00::/64"], subjects={" CN=app ": "acme/app"}), "people": people})
    assert found.proxy == ProxyRules(
        header="x-client-subject",
        trusted=(ip_network("10.1.0.0/16"), ip_network("fd00::/64")),
        subjects={"CN=app": ("acme", "app")},
    )
    assert found.people == {
        "alice@example.com": PersonRules(
            roles=frozenset({Role.AUDITOR}), tenants=frozenset({"acme"}), issuers=frozenset({"idp"})
        ),
        "bob": PersonRules(roles=frozenset({Role.OPERATOR})),
    }


@pytest.mark.parametrize(
    "url",
    [URL, "https://idp/keys?p=b2c", "http://127.0.0.1:8080/k", "http://localhost/k", "http://[::1]:8/k", "http://127.9.9.9/"],
)
def test_keys_are_fetched_over_tls_or_from_this_machine(url: str) -> None:
    assert rules(jwt(jwks={"url": url})).issuers[0].jwks.url == url


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (jwt(jwks={}), "not one place for the keys"),
        (jwt(jwks={"url": URL, "file": "k"}), "not one place for the keys"),
        (jwt(jwks={"url": "http://idp.example.com/keys"}), "unprotected"),
        (jwt(jwks={"url": "http://10.0.0.1/keys"}), "unprotected"),
        (jwt(jwks={"url": "http://127.0.0.1.evil.example/"}), "unprotected"),
        (jwt(jwks={"url": "http://localhost.evil.example/"}), "unprotected"),
        (jwt(jwks={"url": "file:///etc/passwd"}), "not a plain URL"),
        (jwt(jwks={"url": "ftp://idp/keys"}), "unprotected"),
        (jwt(jwks={"url": "https://u:p@idp/keys"}), "not a plain URL"),
        (jwt(jwks={"url": "https://idp/keys#x"}), "not a plain URL"),
        (jwt(jwks={"url": "https://idp/a b"}), "not a plain URL"),
        (jwt(jwks={"url": "https://[x/keys"}), "not a URL"),
        (jwt(audience=["a", "a"]), "named twice"),
        (jwt(algorithms=["RS256", "RS256"]), "named twice"),
        (jwt(leeway_s=301), "out of range"),
        (jwt(leeway_s=-1), "out of range"),
        (jwt(max_age_s=59), "out of range"),
        (jwt(tenants=["acme", "beta"]), "no tenant"),
        (jwt(claims={"tenant": {"value": "beta"}}), "may not speak for"),
        (jwt(claims={"tenant": {}}), "not one source"),
        (jwt(claims={"principal": {"claim": "sub", "value": "x"}}), "not one source"),
        ({"jwt": {"a": issuer(), "b": issuer(audience=["other"])}}, "two entries for one issuer"),
        (two(), "a and b speak for one tenant"),
        (two({"prefix": "x."}, {"prefix": "x."}), "a and b speak for one tenant"),
        (two({"tenants": ["beta", "acme"], "claims": {"tenant": {"claim": "org"}}}), "a and b speak for one tenant"),
        (two({"prefix": "ci."}, {"same_callers_as": ["a"]}), "another prefix"),
        (two({"same_callers_as": ["a"]}), "no other issuer"),
        (two({"same_callers_as": ["c"]}), "no other issuer"),
        (two({"same_callers_as": ["b", "b"]}), "named twice"),
        (proxy(trusted=["0.0.0.0/0"]), "every address"),
        (proxy(trusted=["::/0"]), "every address"),
        (proxy(trusted=["10.1.2.3/16"]), "not a network"),
        (proxy(trusted=["proxy.internal"]), "not a network"),
        (proxy(header="Authorization"), "another meaning"),
        ({"people": {"alice": {"roles": ["auditor"], "issuers": ["idp"]}}}, "not under jwt"),
    ],
)
def test_what_is_unsafe_or_ambiguous_is_refused_with_a_fix(written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Identity.model_validate(written)
    details = [detail for detail in caught.value.errors() if detail["type"] == "policy"]
    assert [message] == [message for detail in details if message in detail["msg"] and detail["ctx"]["fix"]]


@pytest.mark.parametrize(
    "written",
    [
        jwt(audience=[]),
        jwt(algorithms=[]),
        jwt(algorithms=["none"]),
        jwt(algorithms=["HS256"]),
        jwt(tenants=[]),
        jwt(claims={"rolls": {"claim": "x"}}),
        jwt(roles={"x": "root"}),
        jwt(prefix=""),
        jwt(prefix="a/"),
        proxy(trusted=[]),
        proxy(subjects={}),
        proxy(subjects={"CN=app": "acme"}),
        proxy(subjects={"CN=app": "acme/a/b"}),
        proxy(header="x forwarded"),
        {"people": {"alice": {"roles": []}}},
        {"people": {"alice": {"roles": ["root"]}}},
        {"people": {"a b": {"roles": ["auditor"]}}},
        {"people": {"alice": {"roles": ["auditor"], "tenants": []}}},
    ],
)
def test_what_is_not_in_the_language_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Identity.model_validate(written)


def test_every_field_says_what_it_is_for() -> None:
    assert list(_undescribed(Identity.model_json_schema())) == []


@pytest.mark.parametrize("text", ["alice", "a.b-c_d@e", "a" * 128, "0", "", "-a", "a" * 129, "a b", "a/b", "a\n", "ä", "аlice"])
def test_identity_and_policy_agree_on_what_an_id_is(text: str) -> None:
    try:
        TypeAdapter[str](Id).validate_python(text)
        allowed = True
    except ValidationError:
        allowed = False
    assert is_id(text) is allowed


def _undescribed(schema: dict[str, Any]) -> Iterator[str]:
    for part, node in {"Identity": schema, **schema["$defs"]}.items():
        if not node.get("description"):
            yield part
        for name, field in node.get("properties", {}).items():
            if not field.get("description"):
                yield f"{part}.{name}"
