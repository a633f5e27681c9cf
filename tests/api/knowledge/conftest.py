"""A whole gateway with the openai package: one who keeps documents, one who may read some, and another company."""

from __future__ import annotations

from collections.abc import Iterator
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
  rival:
    models: [test-model]
    knowledge: {write: ["*"], labels: [legal], collections: ["*"]}
    principals: {spy: {}}
"""


@dataclass(frozen=True)
class House:
    gateway: RunningGateway
    app: OpenAI
    clerk: OpenAI
    stranger: OpenAI
    spy: OpenAI


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_gateway(tmp_path_factory.mktemp("knowledge"), POLICY) as gateway:

        def client(principal: str, tenant: str = "acme") -> OpenAI:
            return OpenAI(base_url=gateway.base_url, api_key=gateway.issue(principal, tenant), max_retries=0)

        made = House(gateway, client("app"), client("clerk"), client("stranger"), client("spy", "rival"))
        yield made
        for one in (made.app, made.clerk, made.stranger, made.spy):
            one.close()
