"""What every store does alike."""

from __future__ import annotations

from gateway.caching.store import CacheStore, Name

ONE, OTHER = (Name("t", "m", bytes([number]) * 32) for number in (1, 2))
ELSEWHERE, NEXT_MODEL = Name("u", "m", ONE.key), Name("t", "n", OTHER.key)


async def kept(store: CacheStore, *names: Name, sealed: bytes = b"sealed") -> None:
    for name in names:
        await store.put(name, sealed, ttl_s=60, fence=(await store.get(name)).fence)


async def known(store: CacheStore, *names: Name) -> list[bytes | None]:
    return [(await store.get(name)).sealed for name in names]


async def test_an_answer_is_found_under_its_name_alone(store: CacheStore) -> None:
    assert await known(store, ONE) == [None]
    await kept(store, ONE)
    assert await known(store, ONE, OTHER, ELSEWHERE) == [b"sealed", None, None]


async def test_the_latest_stays(store: CacheStore) -> None:
    await kept(store, ONE)
    await kept(store, ONE, sealed=b"newer")
    assert await known(store, ONE) == [b"newer"]


async def test_a_tenant_is_cleared(store: CacheStore) -> None:
    await kept(store, ONE, NEXT_MODEL, ELSEWHERE)
    assert await store.clear("t") == 2
    assert await known(store, ONE, NEXT_MODEL, ELSEWHERE) == [None, None, b"sealed"]
    await kept(store, ONE)
    assert await known(store, ONE) == [b"sealed"]


async def test_a_model_is_cleared(store: CacheStore) -> None:
    await kept(store, ONE, NEXT_MODEL)
    assert await store.clear("t", "n") == 1
    assert await known(store, ONE, NEXT_MODEL) == [b"sealed", None]
    assert await store.clear("nobody") == 0


async def test_a_version_of_the_policy_is_cleared(store: CacheStore) -> None:
    before, after = Name("t", "m", ONE.key, "v1"), Name("t", "m", OTHER.key, "v2")
    await kept(store, after)
    late = (await store.get(before)).fence
    assert await store.clear("t", policy="v1") == 0
    await store.put(before, b"late", ttl_s=60, fence=late)
    assert await known(store, before) == [None]
    assert await known(store, after) == [b"sealed"]
    assert await store.clear("t", policy="v2") == 1
    assert await known(store, after) == [None]


async def test_what_was_on_its_way_while_a_tenant_was_cleared_is_not_kept(store: CacheStore) -> None:
    before = [(await store.get(name)).fence for name in (ONE, NEXT_MODEL)]
    await store.clear("t", "m")
    await store.put(ONE, b"late", ttl_s=60, fence=before[0])
    assert await known(store, ONE) == [None]
    await store.clear("t")
    await store.put(NEXT_MODEL, b"late", ttl_s=60, fence=before[1])
    assert await known(store, NEXT_MODEL) == [None]


async def test_nothing_is_kept_without_a_fence(store: CacheStore) -> None:
    await store.put(ONE, b"sealed", ttl_s=60, fence=b"")
    assert await known(store, ONE) == [None]


async def test_the_first_gets_the_lease(store: CacheStore) -> None:
    lease = await store.lease(ONE)
    assert lease is not None
    await lease.release()
    again = await store.lease(ONE)
    assert again is not None
    await again.release()
