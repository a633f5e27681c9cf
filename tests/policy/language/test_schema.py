from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.obligations import OperatorKind
from gateway.policy.language.deployments import Deployment, SecretRef
from gateway.policy.language.schema import Policy, Purpose, json_schema_text
from gateway.policy.levels import outermost, tenant_level, terms_at

REPOSITORY = Path(__file__).parents[3]


def _undescribed(schema: dict[str, Any]) -> Iterator[str]:
    for part, node in {"Policy": schema, **schema["$defs"]}.items():
        if not node.get("description"):
            yield part
        for name, field in node.get("properties", {}).items():
            if not field.get("description"):
                yield f"{part}.{name}"


def test_every_field_says_what_it_is_for() -> None:
    assert list(_undescribed(Policy.model_json_schema())) == []


def test_the_schema_for_editors_is_current() -> None:
    written = (REPOSITORY / "policies" / "policy.schema.json").read_text(encoding="utf-8")
    assert written == json_schema_text(), "run: gateway policy schema > policies/policy.schema.json"


def test_what_is_not_written_is_denied_and_redacted() -> None:
    policy = Policy.model_validate({"version": 1, "deployments": {}, "models": {}, "tenants": {"t": {}}})
    tenant = policy.tenants["t"]
    assert policy.anonymous is None
    assert (tenant.open, tenant.principals, tenant.teams) == (False, {}, {})
    terms = terms_at((outermost(policy), tenant_level(policy, "t")))
    assert (terms.models, terms.uninspected, terms.restore, terms.record_content) == (frozenset(), frozenset(), False, False)
    assert terms.request.of("PERSON") is OperatorKind.PLACEHOLDER


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        ({"basis": "consent"}, True),
        ({"basis": "consent", "consent": "none"}, False),
        ({"basis": "contract"}, False),
        ({"basis": "contract", "consent": "required"}, True),
        ({"basis": "hr_management"}, False),
    ],
)
def test_a_purpose_needs_a_consent_where_that_is_its_basis(written: dict[str, str], needed: bool) -> None:
    assert Purpose.model_validate(written).needs_consent is needed


def test_models_are_frozen() -> None:
    policy = Policy.model_validate({"version": 1, "deployments": {}, "models": {}, "tenants": {"t": {}}})
    with pytest.raises(ValidationError):
        policy.tenants["t"].reply.restore = True


@pytest.mark.parametrize(
    ("written", "kept"),
    [("http://h:1/v1/", "http://h:1/v1"), ("https://h", "https://h"), ("http://[::1]:8/v1", "http://[::1]:8/v1")],
)
def test_base_url_is_kept_without_its_final_slash(written: str, kept: str) -> None:
    assert Deployment(base_url=written).base_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h/v1",
        "ftp://h/v1",
        "http://",
        "http://h:x/v1",
        "http://h:99999/v1",
        "http://[::1/v1",
        "http://a b/v1",
        "http://h/v1\n",
        "http://user@h/v1",
        "http://u:topsecret@h/v1",
        "http://h/v1?key=topsecret",
        "http://h/v1#topsecret",
    ],
)
def test_base_url_refuses_what_is_no_bare_url_without_quoting_it(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Deployment(base_url=url)
    assert "topsecret" not in str(caught.value)


@pytest.mark.parametrize("written", [{}, {"env": "A", "file": "/b"}, {"env": "lower"}, "sk-topsecret", None, 7, ["x"]])
def test_a_key_is_named_by_exactly_one_place(written: object) -> None:
    with pytest.raises(ValidationError) as caught:
        SecretRef.model_validate(written)
    assert "topsecret" not in str(caught.value)
