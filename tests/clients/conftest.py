"""A backend that echoes, a gateway in front of it, and an OpenAI client that knows nothing of either."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from openai import AsyncOpenAI, OpenAI

from tests.clients.people import leaked
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway


@pytest.fixture
def backend() -> Iterator[ScriptedBackend]:
    """When the test is over, nothing raw must have reached it."""
    with backend_in_thread() as scripted:
        yield scripted
        assert leaked(scripted.wire_bytes) == []


@pytest.fixture
def gateway(backend: ScriptedBackend, tmp_path: Path) -> Iterator[RunningGateway]:
    tenant = "reply: {restore: true}"
    principals = "{app: {}, analyst: {restore: false}, embedder: {models: []}}"
    with running_gateway(tmp_path, policy_text(backend.url, tenant=tenant, principals=principals)) as running:
        yield running


@pytest.fixture
def client(gateway: RunningGateway) -> Iterator[OpenAI]:
    with OpenAI(base_url=gateway.base_url, api_key=gateway.key, max_retries=0, timeout=10) as made:
        yield made


@pytest.fixture
async def async_client(gateway: RunningGateway) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=gateway.base_url, api_key=gateway.key, max_retries=0, timeout=10) as made:
        yield made
