"""Memory is read often enough, and no request is lost on the way."""

from __future__ import annotations

import pytest

from bench.endurance import shares


@pytest.mark.parametrize(("requests", "readings"), [(200_000, 20), (35_000, 4), (10_000, 10), (1_600, 10), (20, 2)])
def test_memory_is_read_after_every_10_000_requests_or_a_tenth_of_fewer(requests: int, readings: int) -> None:
    parts = shares(requests)
    assert (len(parts), sum(parts)) == (readings, requests)
    assert max(parts) <= 10_000
