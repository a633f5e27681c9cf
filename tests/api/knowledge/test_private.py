"""Answers that differ by caller are for no cache between."""

from __future__ import annotations

import httpx
import pytest

from tests.api.knowledge.conftest import House

PATHS = ("/models", "/models/nothing", "/files", "/files/nothing", "/vector_stores", "/vector_stores/nothing", "/nothing")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("known", [True, False])
def test_no_cache_keeps_what_one_caller_is_told(house: House, path: str, known: bool) -> None:
    headers = {"authorization": f"Bearer {house.app.api_key}"} if known else {}
    answer = httpx.get(f"{house.gateway.base_url}{path}", headers=headers)
    assert answer.status_code == (401 if not known and path != "/nothing" else 404 if "nothing" in path else 200)
    assert answer.headers["cache-control"] == "no-store"
