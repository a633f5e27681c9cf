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
        ("models: [small]}", "models: [small, x]}", 14, 49, "unknown model of the tenant: 'x'", "use one of small, vectors"),
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


def test_a_principal_has_never_more_than_its_tenant(refuse: Refuse, base: str) -> None:
    (problem,) = refuse(base.replace("restore: true", "restore: false").replace("app: {}", "app: {reply: {restore: true}}"))
    assert (problem.line, problem.message) == (13, "restores although its tenant does not")


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
