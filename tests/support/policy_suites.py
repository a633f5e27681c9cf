"""What the tests of policy tests share: a policy that they are about, and the types of the fixtures in tests/policy/testing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gateway.policy.reading.problems import Problem
from gateway.policy.testing.reading import PlacedSuite

POLICY = """\
version: 1
deployments:
  eu: {base_url: "http://127.0.0.1:8090/v1", region: eu}
  cn: {base_url: "http://127.0.0.1:8091/v1", region: cn}
models:
  small: {deployments: [eu, cn], limits: {concurrent: 9}}
purposes:
  support: {basis: contract}
  letters: {basis: consent}
organisation:
  limits: {requests: 100/minute}
tenants:
  demo:
    models: [small]
    purposes: [support, letters]
    entities: {CREDIT_CARD: mask, SECRET: block}
    reply: {restore: true}
    record: {retention_days: 30}
    allow_uninspected: [image, audio]
    guide: {prefixes: [Dear]}
    rules:
      crowds:
        when: findings.PERSON > 3
        deny: Too many people.
      cards:
        when: findings.CREDIT_CARD > 0
        demand: {route: {regions: [cn]}, record: {entities: {PERSON: drop}}}
    principals:
      app: {}
    teams:
      desk: {open: true, reply: {restore: false}}
"""


class Read(Protocol):
    def __call__(self, tests: str, policy: str = POLICY) -> PlacedSuite: ...


Problems = Callable[[str], tuple[Problem, ...]]
