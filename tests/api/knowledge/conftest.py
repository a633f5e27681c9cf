"""A whole gateway with the openai package: one who keeps documents, one who may read some, and another company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from openai import OpenAI

from tests.support.gateway import RunningGateway, running_gateway

POLICY = """\
version: 1
deployments:
  backend: {base_url: "http://127.0.0.1:9/v1"}
models:
  test-model: {deployments: [backend]}
tenants:
  acme:
    models: [test-model]
    reply: {restore: true}
    knowledge: {write: ["*"], labels: [legal], collections: ["*"]}
    principals:
      app: {}
      masked: {entities: {PERSON: mask}}
      blocked: {entities: {EMAIL_ADDRESS: block}}
      clerk: {knowledge: {write: [], labels: []}}
      stranger: {knowledge: {write: [], collections: []}}
      wary: {rules: {no-mail: {when: findings.EMAIL_ADDRESS > 0, deny: No addresses.}}}
      shy: {rules: {no-law: {when: findings.EMAIL_ADDRESS > 0, demand: {knowledge: {labels: []}}}}}
      small: {rules: {big: {when: request.bytes > 1000, deny: Too much.}}}
      limited: {limits: {requests: 2/day}}
      careful:
        rules:
          no-addresses: {when: 'request.surface == "vector_stores/search" && findings.EMAIL_ADDRESS > 0', deny: No addresses.}
          fewer: {when: findings.IP_ADDRESS > 0, demand: {knowledge: {collections: []}}}
          no-files: {when: 'request.surface == "files"', deny: Not from here.}
          no-law: {when: content.legal > 0.9 && request.consent, deny: No law.}
          veiled: {when: request.model == "", demand: {entities: {PERSON: mask}}}
  rival:
    models: [test-model]
    knowledge: {write: ["*"], labels: [legal], collections: ["*"]}
    principals: {spy: {}}
  loose:
    models: [test-model]
    entities: {EMAIL_ADDRESS: keep}
    reply: {restore: true}
    knowledge: {write: ["*"]}
    principals:
      app: {}
      strict: {entities: {EMAIL_ADDRESS: mask}}
      barred: {entities: {EMAIL_ADDRESS: block}}
"""


@dataclass(frozen=True)
class House:
    gateway: RunningGateway
    app: OpenAI
    clerk: OpenAI
    stranger: OpenAI
    spy: OpenAI
    client: Callable[..., OpenAI]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_gateway(tmp_path_factory.mktemp("knowledge"), POLICY) as gateway:
        clients: list[OpenAI] = []

        def client(principal: str, tenant: str = "acme") -> OpenAI:
            made = OpenAI(base_url=gateway.base_url, api_key=gateway.issue(principal, tenant), max_retries=0)
            clients.append(made)
            return made

        yield House(gateway, client("app"), client("clerk"), client("stranger"), client("spy", "rival"), client)
        for one in clients:
            one.close()
