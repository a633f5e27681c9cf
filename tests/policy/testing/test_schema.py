from __future__ import annotations

import json
from pathlib import Path

from gateway.policy.testing.schema import Suite, suite_schema_text

POLICIES = Path(__file__).parents[3] / "policies"


def test_the_published_schema_is_current() -> None:
    written = (POLICIES / "policy_test.schema.json").read_text(encoding="utf-8")
    assert written == suite_schema_text(), "run: gateway policy schema --tests > policies/policy_test.schema.json"


def test_every_field_is_described_and_nothing_else_may_stand_there() -> None:
    schema = json.loads(suite_schema_text())
    for name, part in [("Suite", schema), *schema["$defs"].items()]:
        if part["type"] == "object":
            assert part["additionalProperties"] is False, name
            assert all("description" in field for field in part["properties"].values()), name


def test_a_caller_is_a_text_or_a_mapping() -> None:
    given = [{"name": n, "principal": p, "request": {"model": "m"}, "expect": {"decision": "deny"}} for n, p in _CALLERS]
    short, long = Suite.model_validate({"policy": "p.yaml", "tests": given}).tests
    assert short.principal == long.principal
    options = json.loads(suite_schema_text())["$defs"]["Case"]["properties"]["principal"]["anyOf"]
    assert {"type": "string"} in options


_CALLERS = [("a", "demo/app"), ("b", {"tenant": "demo", "id": "app"})]
