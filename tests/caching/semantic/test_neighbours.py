"""The index in memory: bounded, aged, cleared."""

from __future__ import annotations

import numpy as np

from gateway.caching.semantic.embedder import Vector
from gateway.caching.semantic.neighbours import MemoryNeighbours
from gateway.caching.store import Name
from tests.caching.conftest import Clock


def vector(*numbers: float) -> Vector:
    made = np.asarray(numbers, dtype=np.float32)
    return (made / np.linalg.norm(made)).astype(np.float32)


def name(key: str, tenant: str = "t", model: str = "m") -> Name:
    return Name(tenant, model, key.encode())


EAST, NORTH = vector(1, 0), vector(0, 1)


def test_the_nearest_within_a_bucket() -> None:
    index = MemoryNeighbours()
    index.add(b"b", name("east"), EAST, ttl_s=9, fence=index.fence)
    index.add(b"b", name("north"), NORTH, ttl_s=9, fence=index.fence)
    found = index.nearest("t", b"b", vector(1, 3))
    assert found is not None
    assert (found[0], round(found[1], 3)) == (name("north"), 0.949)
    assert index.nearest("t", b"other", EAST) is None
    assert index.nearest("other", b"b", EAST) is None
    assert index.nearest("t", b"b", vector(1, 0, 0)) is None


def test_one_ages_and_one_is_dropped() -> None:
    clock = Clock()
    index = MemoryNeighbours(monotonic=clock)
    index.add(b"b", name("old"), EAST, ttl_s=5, fence=index.fence)
    index.add(b"b", name("new"), NORTH, ttl_s=50, fence=index.fence)
    clock.now += 5
    found = index.nearest("t", b"b", EAST)
    assert found is not None
    assert found[0] == name("new")
    index.drop(b"b", name("new"))
    assert not index.holds("t", b"b")


def test_what_is_cleared_is_gone_and_does_not_come_back() -> None:
    index = MemoryNeighbours()
    before = index.fence
    for tenant, model in (("t", "m"), ("t", "n"), ("u", "m")):
        index.add(b"b", name("k", tenant, model), EAST, ttl_s=9, fence=before)
    index.forget("t", "m")
    assert (index.holds("t", b"b"), index.holds("u", b"b")) == (True, True)
    index.forget("t")
    index.add(b"b", name("late"), EAST, ttl_s=9, fence=before)
    assert (index.holds("t", b"b"), index.holds("u", b"b")) == (False, True)


def test_a_tenant_pushes_out_its_own() -> None:
    index = MemoryNeighbours(most=2)
    index.add(b"b", name("k", "u"), EAST, ttl_s=9, fence=index.fence)
    for number in range(5):
        index.add(b"%d" % number, name("k"), EAST, ttl_s=9, fence=index.fence)
    assert [index.holds("t", b"%d" % number) for number in range(5)] == [False, False, False, True, True]
    assert index.holds("u", b"b")


def test_a_bucket_is_bounded() -> None:
    index = MemoryNeighbours()
    for number in range(20):
        index.add(b"b", name(str(number)), vector(number + 1, 1), ttl_s=9, fence=index.fence)
    found = index.nearest("t", b"b", vector(1, 1))
    assert found is not None
    assert found[0] == name("12")
