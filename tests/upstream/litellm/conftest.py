from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from gateway.upstream.base import Deployment
from gateway.upstream.litellm.adapter import LiteLlm
from gateway.upstream.litellm.providers import Provider
from tests.support.backend import ScriptedBackend
from tests.support.calls import KEY


@pytest.fixture
async def backend() -> AsyncIterator[ScriptedBackend]:
    async with ScriptedBackend() as scripted:
        yield scripted


def root(backend: ScriptedBackend) -> str:
    return backend.url.removesuffix("/v1")


def at(backend: ScriptedBackend, model: str) -> Deployment:
    return Deployment(id="test", base_url=root(backend), model=model, api_key=SecretStr(KEY))


@pytest.fixture
async def claude(backend: ScriptedBackend) -> AsyncIterator[LiteLlm]:
    adapter = LiteLlm(at(backend, "claude-sonnet-4-5"), Provider.ANTHROPIC)
    yield adapter
    await adapter.close()
