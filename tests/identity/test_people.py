from __future__ import annotations

import pytest

from gateway.errors import Unauthenticated
from gateway.identity.claims import TokenIdentity
from gateway.identity.people import Person, person_of_key, person_of_token
from gateway.rules.identity import IdentityRules, PersonRules, Role
from tests.identity.signing import rules

AUDITOR, OPERATOR = frozenset({Role.AUDITOR}), frozenset({Role.OPERATOR})
RULES = IdentityRules(
    issuers=(rules(tenants=frozenset({"acme", "beta"})), rules(id="two", issuer="https://two", tenants=frozenset({"gamma"}))),
    people={
        "everywhere": PersonRules(roles=AUDITOR, issuers=frozenset({"idp"})),
        "somewhere": PersonRules(roles=AUDITOR, tenants=frozenset({"beta", "gamma"}), issuers=frozenset({"idp", "two"})),
        "keys-only": PersonRules(roles=OPERATOR),
    },
)


def token(who: str, *roles: Role, issuer: str = "idp", tenant: str = "acme") -> TokenIdentity:
    return TokenIdentity(issuer=issuer, tenant=tenant, id=who, team=None, groups=frozenset(), roles=frozenset(roles), until=0)


def test_a_key_gives_what_the_list_says() -> None:
    assert person_of_key("keys-only", "pga_x", RULES) == Person(id="keys-only", roles=OPERATOR, tenants=None, key_id="pga_x")
    with pytest.raises(Unauthenticated, match="not in the gateway's policy"):
        person_of_key("gone", "pga_x", RULES)


@pytest.mark.parametrize(
    ("said", "roles", "tenants"),
    [
        (token("everywhere"), AUDITOR, {"acme", "beta"}),
        (token("everywhere", Role.OPERATOR), AUDITOR, {"acme", "beta"}),
        (token("somewhere"), AUDITOR, {"beta"}),
        (token("somewhere", issuer="two", tenant="gamma"), AUDITOR, {"gamma"}),
        (token("stranger", Role.OPERATOR), OPERATOR, {"acme"}),
    ],
)
def test_a_token_never_reaches_beyond_its_issuer_or_the_list(
    said: TokenIdentity, roles: frozenset[Role], tenants: set[str]
) -> None:
    known = said.id if said.id != "stranger" else f"{said.issuer}/stranger"
    assert person_of_token(said, RULES) == Person(id=known, roles=roles, tenants=frozenset(tenants))


def test_the_same_name_from_two_issuers_is_two_people() -> None:
    """Else one could open what the other was given leave to see."""
    one, two = (person_of_token(token("stranger", Role.AUDITOR, issuer=by), RULES) for by in ("one", "two"))
    assert one.id != two.id


@pytest.mark.parametrize(
    "said",
    [token("stranger"), token("keys-only", Role.AUDITOR), token("everywhere", Role.AUDITOR, issuer="two", tenant="gamma")],
)
def test_tokens_that_name_nobody_are_refused(said: TokenIdentity) -> None:
    with pytest.raises(Unauthenticated) as caught:
        person_of_token(said, RULES)
    assert said.id not in caught.value.message


def test_whose_records_a_person_may_see() -> None:
    some = Person(id="p", roles=AUDITOR, tenants=frozenset({"acme"}))
    assert some.may_see("acme")
    assert not some.may_see("beta")
    assert Person(id="p", roles=AUDITOR, tenants=None).may_see("beta")
