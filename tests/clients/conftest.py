"""A backend that echoes, a gateway in front of it, and OpenAI clients that know nothing of either.

Gateway and backend serve a whole module: to start them takes longer than most tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from openai import AsyncOpenAI, OpenAI

from tests.clients.people import leaked
from tests.support import script
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway

_TENANT = """\
reply: {restore: true}
entities: {CREDIT_CARD: block}
"""
_PRINCIPALS = "{app: {}, analyst: {reply: {restore: false}}, guest: {models: []}}"


@pytest.fixture(scope="module")
def shared_backend() -> Iterator[ScriptedBackend]:
    with backend_in_thread() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def shared_gateway(shared_backend: ScriptedBackend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    policy = policy_text(shared_backend.url, tenant=_TENANT, principals=_PRINCIPALS)
    with running_gateway(tmp_path_factory.mktemp("gateway"), policy) as running:
        yield running


@pytest.fixture(scope="module")
def shared_keys(shared_gateway: RunningGateway) -> dict[str, str]:
    """Issued before the gateway is asked for the first time: it looks for new keys only once a second."""
    return {principal: shared_gateway.issue(principal) for principal in ("analyst", "guest")}


@pytest.fixture
def backend(shared_backend: ScriptedBackend) -> Iterator[ScriptedBackend]:
    """As new for each test. When the test is over, nothing raw must have reached it."""
    shared_backend.received.clear()
    shared_backend.disconnects = 0
    shared_backend.reply_with(script.echo)
    yield shared_backend
    assert leaked(shared_backend.wire_bytes) == []


@pytest.fixture
def gateway(shared_gateway: RunningGateway, shared_keys: dict[str, str], backend: ScriptedBackend) -> RunningGateway:
    """Comes with `backend`, whose guard then holds for every test that reaches the gateway."""
    return shared_gateway


@pytest.fixture
def analyst_key(shared_keys: dict[str, str]) -> str:
    """Of a principal that may not see what placeholders stand for."""
    return shared_keys["analyst"]


@pytest.fixture
def guest_key(shared_keys: dict[str, str]) -> str:
    """Of a principal that may use no model."""
    return shared_keys["guest"]


@pytest.fixture
def client(gateway: RunningGateway) -> Iterator[OpenAI]:
    with OpenAI(base_url=gateway.base_url, api_key=gateway.key, max_retries=0, timeout=30) as made:
        yield made


@pytest.fixture
async def async_client(gateway: RunningGateway) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=gateway.base_url, api_key=gateway.key, max_retries=0, timeout=30) as made:
        yield made
