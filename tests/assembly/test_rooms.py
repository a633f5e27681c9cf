"""By which rules a tenant's documents are read, and by which they are only looked through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from gateway.assembly.rooms import _document_rules, _seeking_rules
from gateway.errors import ProtectionUnavailable
from gateway.obligations import OperatorKind
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.reading.load import load_policy
from gateway.policy.source import PolicySource
from tests.support.policy_files import BASE, KNOWN, SURROGATES


@dataclass(frozen=True)
class Held:
    current: CompiledPolicy


@pytest.fixture
def policy(tmp_path: Path) -> PolicySource:
    path = tmp_path / "p.yaml"
    path.write_text(BASE, encoding="utf-8")
    loaded = load_policy(path, known_entities=KNOWN, surrogate_entities=SURROGATES)
    return cast(PolicySource, Held(compile_policy(loaded, {})))


def test_a_tenant_that_policy_names(policy: PolicySource) -> None:
    (name, *_) = policy.current.written.tenants
    assert _seeking_rules(policy, name) == _document_rules(policy, name)


def test_what_a_tenant_left_that_policy_names_no_more_is_looked_through_for_every_type(policy: PolicySource) -> None:
    with pytest.raises(ProtectionUnavailable):
        _document_rules(policy, "gone")
    rules = _seeking_rules(policy, "gone")
    assert (rules.entities.default, dict(rules.entities.by_entity)) == (OperatorKind.PLACEHOLDER, {})
    assert (rules.detection.tenant, rules.detection.allow) == ("gone", frozenset())
