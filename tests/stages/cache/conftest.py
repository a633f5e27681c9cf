"""The stage on an empty cache."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.caching.conftest import cache_redis as cache_redis
from tests.caching.conftest import redis as redis
from tests.stages.cache.house import House, house


@pytest.fixture
async def home() -> AsyncIterator[House]:
    made = house()
    yield made
    await made.flights.close()
