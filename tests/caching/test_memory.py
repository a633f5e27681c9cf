from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.caching.memory import MemoryStore
from gateway.caching.store import Name
from tests.caching.test_stores import kept, known
from tests.support.clock import Clock


def name(number: int, tenant: str = "t") -> Name:
    return Name(tenant, "m", number.to_bytes(32))


async def test_an_answer_has_its_time() -> None:
    clock = Clock()
    store = MemoryStore(10_000, clock)
    await kept(store, name(1))
    clock.now += 59.9
    assert await known(store, name(1)) == [b"sealed"]
    clock.now += 0.1
    assert await known(store, name(1)) == [None]
    assert store.held_bytes == 0


async def test_the_least_recently_used_goes_first() -> None:
    store = MemoryStore(3_000)
    await kept(store, name(1), name(2), sealed=b"x" * 1_000)
    await known(store, name(1))
    await kept(store, name(3), sealed=b"x" * 1_000)
    assert await known(store, name(1), name(2), name(3)) == [b"x" * 1_000, None, b"x" * 1_000]


async def test_what_is_larger_than_the_cache_is_not_kept() -> None:
    store = MemoryStore(3_000)
    await kept(store, name(1))
    await kept(store, name(2), sealed=b"x" * 3_000)
    assert await known(store, name(1), name(2)) == [b"sealed", None]


async def test_one_tenants_flood_pushes_out_its_own() -> None:
    store = MemoryStore(10_000)
    await kept(store, *(name(at, "quiet") for at in range(3)), sealed=b"x" * 600)
    for at in range(100):
        await kept(store, name(at, "loud"), sealed=b"x" * 600)
    assert await known(store, *(name(at, "quiet") for at in range(3))) == [b"x" * 600] * 3
    await store.close()
    assert store.held_bytes == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.integers(0, 1_500)), max_size=20))
async def test_it_never_holds_more_than_it_may(puts: list[tuple[str, int, int]]) -> None:
    store = MemoryStore(4_000)
    for tenant, number, size in puts:
        await kept(store, name(number, tenant), sealed=b"x" * size)
        assert 0 <= store.held_bytes <= 4_000
        assert await known(store, name(number, tenant)) in ([b"x" * size], [None])
