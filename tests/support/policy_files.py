"""What the tests of policy share: a small valid policy file, and the types of the fixtures in tests/policy."""

from __future__ import annotations

from collections.abc import Callable

from gateway.policy.compile import CompiledPolicy
from gateway.policy.load import LoadedPolicy
from gateway.policy.problems import Problem

KNOWN = frozenset({"PERSON", "EMAIL_ADDRESS", "CREDIT_CARD", "SECRET", "DATE_TIME"})
SURROGATES = frozenset({"PERSON", "EMAIL_ADDRESS"})

Load = Callable[[str], LoadedPolicy]
Compile = Callable[[str], CompiledPolicy]
Refuse = Callable[[str | bytes], tuple[Problem, ...]]

BASE = """\
version: 1
deployments:
  local: {base_url: "http://127.0.0.1:8090/v1"}
models:
  small: {deployments: [local]}
  vectors: {deployments: [local], surfaces: [embeddings]}
tenants:
  demo:
    models: [small, vectors]
    entities: {CREDIT_CARD: mask}
    reply: {restore: true}
    principals:
      app: {}
      analyst: {restore: false, models: [small]}
"""
