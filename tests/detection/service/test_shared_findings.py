"""What one process found is known to the next, and to nobody else: not to another tenant, another way of reading, or Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.detection.kept import Kept, Types
from gateway.detection.service.findings_cache import RememberingDetector
from gateway.detection.service.shared_findings import SharedFindings, installed
from gateway.errors import KeyDestroyed
from gateway.exchange import Finding
from gateway.rules.detection import DetectionRules, PatternRules, WordRules
from gateway.shared.place import RedisPlace
from tests.caching.conftest import Keys, TenantKey
from tests.limits.conftest import RedisServer
from tests.support.clock import Clock

LONG, SHORT = "Write to Ann Lee about it. " * 10, "Ann Lee"
FOUND = (Finding(9, 16, "PERSON", 0.8500000000000001, "names"), Finding(20, 25, "电话", 1.0, "p"))
RULES = DetectionRules(
    tenant="t",
    recognizers=(
        PatternRules(entity="BADGE", patterns=("a", "b"), score=0.5, context=frozenset({"x", "y", "z"})),
        WordRules(entity="PROJECT", words=frozenset({"Blue", "Red", "Green"}), score=1.0),
    ),
)


class Reader:
    """Finds the same in every text, and notes what it was asked."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def detect(
        self,
        texts: Sequence[str],
        *,
        rules: DetectionRules = DetectionRules(),
        kept: Container[str] = frozenset(),
    ) -> list[tuple[Finding, ...]]:
        self.read += texts
        return [FOUND for _ in texts]


class Process:
    """One gateway of several on a Redis."""

    def __init__(self, redis: RedisServer, *, keys: Any = None, reader: bytes = b"1", budget_s: float = 10) -> None:
        place = RedisPlace(redis.url)
        self.shared = SharedFindings(place, keys or Keys(), from_characters=100, reader=reader, budget_s=budget_s)
        self.reader = Reader()
        self._detector = RememberingDetector(self.reader, max_bytes=2**20, shared=self.shared)

    async def finds(self, *texts: str, rules: DetectionRules = RULES, kept: Kept | None = None) -> list[str]:
        """What it had to read for itself; checks that it was all found."""
        self.reader.read.clear()
        assert await self._detector.detect(texts, rules=rules, kept=kept or Kept()) == [FOUND] * len(texts)
        return list(self.reader.read)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    one = RedisServer()
    yield one
    one.stop()


@pytest.fixture
def redis(server: RedisServer) -> RedisServer:
    server.client.flushall()
    return server


async def test_another_process_need_not_read_it_again(redis: RedisServer) -> None:
    one, other = Process(redis), Process(redis)
    assert await one.finds(LONG, SHORT, LONG + "!") == [LONG, SHORT, LONG + "!"]
    assert await other.finds(SHORT, LONG, LONG + "?", LONG + "!") == [SHORT, LONG + "?"]
    assert await other.finds(SHORT, LONG) == []
    assert len(redis.client.keys("*")) == 3  # what is short is not there
    assert all(0 < redis.client.pttl(key) <= 30 * 60_000 for key in redis.client.keys("*"))
    for process in (one, other):
        await process.shared.close()


@pytest.mark.parametrize(
    "asked",
    [
        {"rules": DetectionRules(tenant="u", recognizers=RULES.recognizers)},
        {"rules": DetectionRules(tenant="t")},
        {"kept": Kept(frozenset({"PERSON"}))},
        {"kept": Kept(blocked=Types(frozenset({"SECRET"})))},
    ],
)
async def test_another_tenant_or_way_of_reading_has_its_own(redis: RedisServer, asked: dict[str, Any]) -> None:
    one, other = Process(redis), Process(redis)
    await one.finds(LONG)
    assert await other.finds(LONG, **asked) == [LONG]
    for process in (one, other):
        await process.shared.close()


async def test_equal_rules_are_equal_in_whatever_order_their_sets_are(redis: RedisServer) -> None:
    words = WordRules(entity="PROJECT", words=frozenset(["Green", "Red", "Blue"]), score=1.0)
    one, other = Process(redis), Process(redis)
    await one.finds(LONG)
    assert await other.finds(LONG, rules=DetectionRules(tenant="t", recognizers=(RULES.recognizers[0], words))) == []
    for process in (one, other):
        await process.shared.close()


async def test_another_version_of_any_package_finds_for_itself(redis: RedisServer) -> None:
    one, other = Process(redis, reader=installed()), Process(redis, reader=b"newer")
    await one.finds(LONG)
    assert await other.finds(LONG) == [LONG]
    for process in (one, other):
        await process.shared.close()


async def test_on_redis_nothing_can_be_read_moved_or_made_up(redis: RedisServer) -> None:
    one, other = Process(redis), Process(redis)
    await one.finds(LONG)
    (key,) = redis.client.keys("*")
    entry = redis.client.get(key)
    assert all(word not in key + entry for word in (b"PERSON", b"names", b"Ann", b"85"))
    await one.finds(LONG + "!")
    (second,) = set(redis.client.keys("*")) - {key}
    redis.client.set(second, entry)
    redis.client.set(key, b"[]")
    assert await other.finds(LONG, LONG + "!") == [LONG, LONG + "!"]
    for process in (one, other):
        await process.shared.close()


async def test_a_tenant_that_is_erased_is_read_for_itself(redis: RedisServer) -> None:
    class Erased(Keys):
        async def of(self, tenant: str) -> TenantKey:
            raise KeyDestroyed("erased")

    one = Process(redis, keys=Erased())
    assert await one.finds(LONG) == [LONG]
    assert redis.client.keys("*") == []
    await one.shared.close()


async def test_what_is_very_long_is_not_kept(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.detection.service.shared_findings._LONGEST_ENTRY", 20)
    one = Process(redis)
    assert await one.finds(LONG) == [LONG]
    assert redis.client.keys("*") == []
    await one.shared.close()


async def test_no_more_is_written_than_it_may_be_while_entries_live(redis: RedisServer) -> None:
    clock = Clock()
    shared = SharedFindings(
        RedisPlace(redis.url), Keys(), from_characters=100, max_bytes=300, reader=b"1", budget_s=10, monotonic=clock
    )
    names = await shared.names(RULES, Kept())
    assert names is not None
    for number in range(5):
        await shared.remember(names, {f"{LONG}{number}": FOUND})
    written = redis.client.keys("*")
    assert 0 < len(written) < 5
    assert sum(redis.client.strlen(key) for key in written) <= 300
    clock.now += 30 * 60
    await shared.remember(names, {f"{LONG}later": FOUND})
    assert len(redis.client.keys("*")) == len(written) + 1
    await shared.close()


async def test_a_redis_that_does_not_answer_is_a_miss_within_its_time() -> None:
    server = RedisServer()
    try:
        server.freeze()
        one = Process(server, budget_s=0.05)
        async with asyncio.timeout(20):
            for number in range(50):  # the second one on does not even ask
                assert await one.finds(f"{LONG}{number}") == [f"{LONG}{number}"]
        await one.shared.close()
    finally:
        server.stop()


def test_other_weights_under_one_version_are_another_reader(tmp_path: Path) -> None:
    def reader(name: str, weights: bytes, **more: bytes) -> bytes:
        own = tmp_path / name
        (own / "taggers" / "__pycache__").mkdir(parents=True)
        (own / "taggers" / "latin.npz").write_bytes(weights)
        for file, content in more.items():
            (own / f"{file}.py").write_bytes(content)
        (own / "taggers" / "__pycache__" / "small.pyc").write_bytes(name.encode())
        return installed(own)

    assert reader("a", b"1") == reader("b", b"1"), "where it lies, and what Python keeps beside it, is no matter"
    assert len({reader("c", b"1"), reader("d", b"2"), reader("e", b"1", rules=b""), reader("f", b"1", rules=b"x")}) == 4
    assert installed() == installed()
