from __future__ import annotations

import pytest

from gateway.obligations import OperatorKind
from gateway.policy.language.schema import Policy
from gateway.policy.levels import chain, homes, outermost, tenant_level, terms_at
from tests.support.policy_files import LEVELS, Load


@pytest.fixture
def policy(load: Load) -> Policy:
    return load(LEVELS).policy


@pytest.mark.parametrize(
    ("team", "principal", "names"),
    [
        (None, None, ["organisation", "tenants.bank"]),
        (None, "app", ["organisation", "tenants.bank", "tenants.bank.principals.app"]),
        ("desk", None, ["organisation", "tenants.bank", "tenants.bank.teams.desk"]),
        (
            "desk",
            "clerk",
            ["organisation", "tenants.bank", "tenants.bank.teams.desk", "tenants.bank.teams.desk.principals.clerk"],
        ),
    ],
)
def test_the_levels_that_a_caller_stands_under(
    policy: Policy, team: str | None, principal: str | None, names: list[str]
) -> None:
    levels = chain(policy, "bank", team, principal)
    assert [level.name for level in levels] == names
    assert levels[0] == outermost(policy)
    assert levels[1] == tenant_level(policy, "bank")


@pytest.mark.parametrize(
    ("tenant", "team", "principal"),
    [
        ("shop", None, None),
        ("bank", "other", None),
        ("bank", None, "clerk"),  # is in a team
        ("bank", "desk", "app"),  # is in none
        ("bank", None, "nobody"),
    ],
)
def test_there_is_no_place_that_the_policy_does_not_name(
    policy: Policy, tenant: str, team: str | None, principal: str | None
) -> None:
    with pytest.raises(KeyError):
        chain(policy, tenant, team, principal)


def test_each_principal_has_one_home(policy: Policy) -> None:
    assert list(homes(policy, "bank")) == [(None, "app"), ("desk", "clerk")]


def test_nothing_is_left_unsaid_from_the_tenant_inwards(policy: Policy) -> None:
    levels = chain(policy, "bank", "desk", "clerk")
    assert terms_at(levels[:1]).request.default is None
    for depth in (2, 3, 4):
        terms = terms_at(levels[:depth])
        assert terms.request.of("EMAIL_ADDRESS") is OperatorKind.PLACEHOLDER
        assert terms.request.of("SECRET") is OperatorKind.DROP  # the organisation's
        assert terms.request.of("PERSON") is OperatorKind.SURROGATE
        assert terms.restore is True
    assert terms_at(levels).models == frozenset({"chat"})
