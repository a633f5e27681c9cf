"""docs/vault.md says what the policy's language has, and its example is one."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from gateway.obligations import PseudonymScope, PseudonymTerms
from gateway.policy.language.pseudonyms import Pseudonyms
from gateway.policy.language.schema import Tenant
from gateway.protocol.facts import CONVERSATION_HEADER
from gateway.vault.vault import _BUDGET_S

PAGE = (Path(__file__).parents[2] / "docs" / "vault.md").read_text(encoding="utf-8")


def test_every_field_and_its_default() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE, re.MULTILINE))
    usual = PseudonymTerms()
    assert set(table) == set(Pseudonyms.model_fields)
    assert table == {"scope": usual.scope.value, "ttl": f"{usual.ttl_s // 86_400}d"}


def test_every_scope_from_the_strictest_to_the_widest() -> None:
    rows = re.findall(r"^\| `(\w+)` \| in ", PAGE, re.MULTILINE)
    assert rows == [scope.value for scope in PseudonymScope]


def test_the_example_is_a_tenant() -> None:
    example, of_items = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    tenant = Tenant.model_validate(yaml.safe_load(example)["tenants"]["acme"])
    assert tenant.pseudonyms == Pseudonyms(scope=PseudonymScope.CONVERSATION, ttl="12h")
    assert tenant.principals["batch"].pseudonyms.scope is PseudonymScope.REQUEST
    keeping = Tenant.model_validate(yaml.safe_load(of_items)["tenants"]["acme"])
    assert (keeping.reply.store, keeping.principals["batch"].reply.store) == ("12h", "none")


def test_names_and_times() -> None:
    assert f"`{CONVERSATION_HEADER}`" in PAGE
    assert f"within {_BUDGET_S:g} seconds" in PAGE
