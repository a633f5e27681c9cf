from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.reading.references import check_references
from tests.support.policy_files import KNOWN, SURROGATES, Load, Refuse


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message", "fix"),
    [
        (
            "small: {deployments: [local]}",
            "small: {deployments: [local, locl]}",
            5,
            32,
            "unknown deployment 'locl'",
            "write local",
        ),
        ("[small, vectors]", "[small, vectors, smal]", 9, 30, "unknown model 'smal'", "did you mean 'small'?"),
        ("models: [small]}", "models: [small, x]}", 14, 58, "unknown model 'x'", "use one of small, vectors"),
        ("models: [small]}", "purposes: [sale]}", 14, 53, "unknown purpose 'sale'", "define it first"),
        ("analyst: {", "analyst: {entities: {SECRT: drop}, ", 14, 28, "unknown entity type 'SECRT'", "did you mean 'SECRET'?"),
        ("analyst: {", "analyst: {record: {entities: {SECRT: drop}}, ", 14, 37, "unknown entity type 'SECRT'", "'SECRET'?"),
        ("analyst: {", "analyst: {knowledge: {entities: {SECRT: drop}}, ", 14, 40, "unknown entity type 'SECRT'", "'SECRET'?"),
        (
            "analyst: {",
            "analyst: {rules: {r: {when: 'true', demand: {entities: {SECRT: drop}}}}, ",
            14,
            63,
            "unknown entity type 'SECRT'",
            "did you mean 'SECRET'?",
        ),
        ("CREDIT_CARD", "CREDITCARD", 10, 16, "unknown entity type 'CREDITCARD'", "did you mean 'CREDIT_CARD'?"),
        ("mask", "surrogate", 10, 29, "no surrogates can be made for CREDIT_CARD", "EMAIL_ADDRESS, PERSON"),
        ("CREDIT_CARD: mask", "default: surrogate", 10, 25, "no surrogates can be made for every type", "placeholder"),
    ],
)
def test_place_message_and_fix(
    refuse: Refuse, base: str, old: str, new: str, line: int, column: int, message: str, fix: str
) -> None:
    assert old in base
    (problem,) = refuse(base.replace(old, new, 1))
    assert (problem.line, problem.column) == (line, column)
    assert problem.message.startswith(message)
    assert fix in problem.fix


def test_anonymous_must_be_a_principal(refuse: Refuse, base: str) -> None:
    for name in ("demo/ap", "dem/app", "demo/nobody"):
        (problem,) = refuse(base + f"anonymous: {name}\n")
        assert (problem.line, problem.column) == (15, 12)
        assert problem.message == f"unknown principal '{name}'"
        assert "demo/app" in problem.fix


def test_what_the_organisation_says_is_checked_too(refuse: Refuse, base: str) -> None:
    problems = refuse(base + "organisation:\n  models: [smal]\n  entities: {PERSN: drop, SECRET: surrogate}\n")
    assert [(problem.line, problem.column) for problem in problems] == [(16, 12), (17, 14), (17, 35)]
    assert problems[0].message == "unknown model 'smal'"


def test_a_principal_stands_in_one_place(refuse: Refuse, base: str) -> None:
    (problem,) = refuse(base + "    teams:\n      desk:\n        principals:\n          app: {}\n")
    assert (problem.line, problem.column, problem.message) == (18, 11, "principal 'app' stands in this tenant twice")
    assert problem.fix == "leave it in one place: under the tenant or in one of its teams"


def test_two_tenants_may_name_their_principals_alike(load: Load, base: str) -> None:
    assert (
        load(base + "  other:\n    teams: {desk: {principals: {app: {}}}}\n").policy.tenants["other"].teams["desk"].principals
    )


def test_a_principal_of_a_team_may_be_anonymous(load: Load, base: str) -> None:
    text = base + "    teams: {desk: {principals: {clerk: {}}}}\nanonymous: demo/clerk\n"
    assert load(text).policy.anonymous == "demo/clerk"


def test_surrogate_as_default_where_every_other_type_is_named(load: Load, base: str) -> None:
    rules = "entities: {default: surrogate, CREDIT_CARD: mask, SECRET: block, DATE_TIME: keep}"
    assert load(base.replace("entities: {CREDIT_CARD: mask}", rules)).policy.tenants["demo"].entities["default"] == "surrogate"


def test_misspelt_operator_and_misspelt_names_are_told_at_once(refuse: Refuse, base: str) -> None:
    broken = base.replace("mask", "msk").replace("[small, vectors]", "[smal, vectors]").replace("restore: true", "restor: 1")
    messages = {problem.message for problem in refuse(broken)}
    assert {"unknown operator 'msk'", "unknown model 'smal'", "unknown field 'restor'"} <= messages


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["surrogate", "a/b", "PERSON"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "tenants",
                    "models",
                    "deployments",
                    "principals",
                    "teams",
                    "organisation",
                    "rules",
                    "demand",
                    "purposes",
                    "entities",
                    "reply",
                    "detection",
                    "recognizers",
                    "plugin",
                    "a",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(_JSON)
def test_any_shape_can_be_checked(data: object) -> None:
    for fault in check_references(data, known_entities=KNOWN, surrogate_entities=SURROGATES):
        assert fault.message
        assert fault.fix
