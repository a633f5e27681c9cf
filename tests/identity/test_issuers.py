from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import ProtectionUnavailable, Unauthenticated
from gateway.identity.claims import TokenIdentity
from gateway.identity.issuers import Issuers
from gateway.rules.identity import ClaimSource, IssuerRules, JwksPlace, Role
from tests.identity.signing import IDP_SECRET, NOW, Idp, claims, ec, issuers, okp, published, rsa, rules, signed


async def verify(token: str, *written: IssuerRules, idp: Idp | None = None) -> TokenIdentity:
    return await issuers(idp, *written).verify(token, NOW)


GOOD: dict[str, tuple[Callable[[], str], dict[str, Any]]] = {
    "RS256": (lambda: signed(claims()), {}),
    "ES256": (lambda: signed(claims(), ec(), "ES256"), {}),
    "at+jwt": (lambda: signed(claims(), header={"typ": "at+JWT"}), {}),
    "application/at+jwt": (lambda: signed(claims(), header={"typ": "application/at+jwt"}), {}),
    "no typ": (lambda: signed(claims(), header={"typ": None}), {}),
    "fields that say nothing to us": (lambda: signed(claims(), header={"x5t": "abc", "nonce": "n"}), {}),
    "one of several audiences": (lambda: signed(claims(aud=["crm", "other"])), {}),
    "expired within the leeway": (lambda: signed(claims(exp=NOW - 29, iat=NOW - 600)), {}),
    "issued ahead within the leeway": (lambda: signed(claims(iat=NOW + 30)), {}),
    "not before within the leeway": (lambda: signed(claims(nbf=NOW + 30)), {}),
    "times in fractions": (lambda: signed(claims(iat=NOW - 0.25, exp=NOW + 1.5)), {}),
    "as long-lived as may be": (lambda: signed(claims(exp=NOW - 10 + 86_400)), {}),
    "RS384": (lambda: signed(claims(), alg="RS384"), {"algorithms": frozenset({"RS384"})}),
    "PS256": (lambda: signed(claims(), alg="PS256"), {"algorithms": frozenset({"PS256"})}),
    "EdDSA": (lambda: signed(claims(), okp(), "Ed25519", header={"alg": "EdDSA"}), {"algorithms": frozenset({"EdDSA"})}),
    "Ed25519": (lambda: signed(claims(), okp(), "Ed25519"), {"algorithms": frozenset({"Ed25519"})}),
    "ES384": (lambda: signed(claims(), ec("e3", "P-384"), "ES384"), {"algorithms": frozenset({"ES384"})}),
}


@pytest.mark.parametrize("name", GOOD)
async def test_good_tokens_name_their_caller(name: str) -> None:
    make, changes = GOOD[name]
    found = await verify(make(), rules(**changes), idp=Idp(published(rsa(), ec(), ec("e3", "P-384"), okp())))
    assert (found.issuer, found.tenant, found.id, found.team) == ("idp", "acme", "alice", None)
    assert found.roles == {Role.DEVELOPER, Role.AUDITOR}


async def test_a_curve_is_not_chosen_by_the_token() -> None:
    token = signed(claims(), okp("o4", "Ed448"), "Ed448", header={"alg": "EdDSA"})
    with pytest.raises(Unauthenticated, match="not signed with a key"):
        await verify(token, rules(algorithms=frozenset({"EdDSA"})), idp=Idp(published(okp("o4", "Ed448"), rsa())))


@pytest.mark.parametrize(
    ("changes", "token_claims", "expected"),
    [
        ({"tenant": ClaimSource(claim="org"), "tenants": frozenset({"a", "b"})}, {"org": "b"}, ("b", "alice", None)),
        ({"tenant": ClaimSource(value="acme")}, {"org": "b"}, ("acme", "alice", None)),
        ({"principal": ClaimSource(claim="email")}, {"email": "a@example.com"}, ("acme", "a@example.com", None)),
        ({"principal": ClaimSource(value="app")}, {}, ("acme", "app", None)),
        ({"prefix": "ci."}, {}, ("acme", "ci.alice", None)),
        ({"prefix": "a."}, {"sub": "-Yx3"}, ("acme", "a.-Yx3", None)),
        ({"prefix": "ci.", "foreign": frozenset({"ci.x."})}, {"sub": "x"}, ("acme", "ci.x", None)),
        (
            {"team": ClaimSource(claim="https://acme.example/team")},
            {"https://acme.example/team": "core"},
            ("acme", "alice", "core"),
        ),
        ({"team": ClaimSource(claim="team")}, {}, ("acme", "alice", None)),
    ],
)
async def test_claims_are_mapped(
    changes: dict[str, Any], token_claims: dict[str, Any], expected: tuple[str, str, str | None]
) -> None:
    found = await verify(signed(claims(**token_claims)), rules(**changes))
    assert (found.tenant, found.id, found.team) == expected


@pytest.mark.parametrize(
    ("changes", "sub", "why"),
    [
        ({"foreign": frozenset({"ci."})}, "ci.scanner", "another issuer's callers"),
        ({"prefix": "ci.", "foreign": frozenset({"ci.x."})}, "x.y", "another issuer's callers"),
        ({"prefix": "ci."}, "", "not an id"),
        ({"prefix": "ci."}, "a" * 126, "not an id"),
        ({"prefix": "ci."}, "a/b", "not an id"),
    ],
)
async def test_nobody_comes_by_an_id_of_another_issuers_callers(changes: dict[str, Any], sub: str, why: str) -> None:
    with pytest.raises(Unauthenticated, match=why):
        await verify(signed(claims(sub=sub)), rules(**changes))


@pytest.mark.parametrize(
    ("source", "groups", "roles"),
    [
        (ClaimSource(claim="groups"), ["aud", "root", "operator"], {Role.AUDITOR}),
        (ClaimSource(claim="groups"), [], set()),
        (ClaimSource(claim="missing"), ["aud"], set()),
        (ClaimSource(value="eng"), ["aud"], {Role.DEVELOPER}),
        (None, ["aud"], set()),
    ],
)
async def test_only_mapped_roles_count(source: ClaimSource | None, groups: list[str], roles: set[Role]) -> None:
    assert (await verify(signed(claims(groups=groups)), rules(roles_from=source))).roles == roles


async def test_each_issuer_has_keys_and_tenants_of_its_own() -> None:
    first, second = Idp(published(rsa())), Idp(published(rsa("r2")))
    other = rules(id="two", issuer="https://two", jwks=JwksPlace(url="https://two/keys"), tenants=frozenset({"beta"}))
    made = Issuers((rules(), other), lambda one: (first if one.id == "idp" else second).source(one), b"k" * 32)
    assert (await made.verify(signed(claims(iss="https://two"), rsa("r2")), NOW)).tenant == "beta"
    with pytest.raises(Unauthenticated, match="not signed with a key"):
        await made.verify(signed(claims(), rsa("r2")), NOW)
    with pytest.raises(Unauthenticated, match="signature is not right"):
        await made.verify(signed(claims(), rsa("r2"), header={"kid": "r1"}), NOW)


async def test_a_token_seen_before_costs_no_signature_check(monkeypatch: pytest.MonkeyPatch) -> None:
    made, token = issuers(), signed(claims())
    first = await made.verify(token, NOW)
    monkeypatch.setattr("gateway.identity.issuers.deserialize_compact", lambda *_, **__: pytest.fail("checked again"))
    assert await made.verify(token, NOW + 600) is first


async def test_a_token_seen_before_expires_all_the_same() -> None:
    made, token = issuers(), signed(claims())
    await made.verify(token, NOW + 629)
    with pytest.raises(Unauthenticated, match="expired"):
        await made.verify(token, NOW + 630)


async def test_a_token_seen_before_falls_with_its_key() -> None:
    idp = Idp(published(rsa(), ec()), published(ec()))
    made, token = issuers(idp), signed(claims())
    await made.verify(token, NOW)
    idp.now = 301
    await made.verify(token, NOW)  # while the keys are fetched anew
    await made.verify(signed(claims(), ec(), "ES256"), NOW)
    await _rest()
    with pytest.raises(Unauthenticated, match="not signed with a key"):
        await made.verify(token, NOW)


async def test_memory_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.identity.issuers._REMEMBERED", 3)
    made = issuers()
    for number in range(6):
        await made.verify(signed(claims(jti=str(number)), ec(), "ES256"), NOW)
    assert len(made._verified) == 3
    assert all(isinstance(digest, bytes) and len(digest) == 32 for digest in made._verified)


async def test_keys_stay_when_another_issuer_changes() -> None:
    idp = Idp()
    made = issuers(idp)
    await made.verify(signed(claims()), NOW)
    more = rules(id="two", issuer="https://two", jwks=JwksPlace(url="https://two/keys"))
    changed = made.changed_to((rules(leeway_s=0), more))
    await changed.verify(signed(claims()), NOW)
    assert idp.fetches == 1
    with pytest.raises(Unauthenticated, match="expired"):
        await changed.verify(signed(claims(exp=NOW, iat=NOW - 60)), NOW)
    with pytest.raises(Unauthenticated, match="issuer is not accepted"):
        await changed.changed_to((more,)).verify(signed(claims()), NOW)


async def test_an_issuer_without_keys_refuses_as_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    idp = Idp()
    idp.down = True
    with pytest.raises(ProtectionUnavailable) as caught:
        await verify(signed(claims()), idp=idp)
    assert caught.value.retry_after == 5
    assert IDP_SECRET not in caplog.text + str(caught.value)
    assert "issuer idp" in caplog.text


async def _rest() -> None:
    for _ in range(3):
        await asyncio.sleep(0)
