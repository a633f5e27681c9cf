from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.upstream.openai_http import OpenAiHttp
from tests.support.backend import ScriptedBackend
from tests.support.calls import deployment


@pytest.fixture
async def backend() -> AsyncIterator[ScriptedBackend]:
    async with ScriptedBackend() as scripted:
        yield scripted


@pytest.fixture
async def upstream(backend: ScriptedBackend) -> AsyncIterator[OpenAiHttp]:
    adapter = OpenAiHttp(deployment(backend))
    yield adapter
    await adapter.close()
