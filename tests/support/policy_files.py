from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.policy.compile import CompiledPolicy
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.problems import Problem
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface

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
      analyst: {reply: {restore: false}, models: [small]}
"""

LEVELS = """\
version: 1
deployments:
  berlin: {base_url: "http://berlin/v1", region: eu, labels: [audited, gpu]}
  harbin: {base_url: "http://harbin/v1", region: cn, labels: [gpu]}
models:
  chat: {deployments: [berlin, harbin]}
  small: {deployments: [harbin]}
purposes:
  support: {basis: contract}
  research: {basis: consent}
  marketing: {basis: legitimate_interests, consent: required}
organisation:
  entities: {SECRET: drop}
tenants:
  bank:
    models: [chat, small]
    entities: {PERSON: surrogate, DATE_TIME: keep}
    reply: {restore: true}
    principals:
      app: {}
    teams:
      desk:
        models: [chat]
        principals:
          clerk: {}
"""
"""Four levels; the tests add lines at the end, or replace words."""


def facts(model: str = "small", surface: Surface = Surface.CHAT, **more: Any) -> Facts:
    """A request as policy sees it."""
    return Facts(model=model, surface=surface, **more)
