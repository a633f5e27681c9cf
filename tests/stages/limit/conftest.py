"""A limiter that has counted nothing yet."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.limits.counting import CountingLimiter
from gateway.limits.stores import in_memory


@pytest.fixture
async def limiter() -> AsyncIterator[CountingLimiter]:
    limiter = in_memory()
    yield limiter
    await limiter.close()
