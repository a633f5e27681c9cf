from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.errors import ProtectionUnavailable, Unauthenticated
from gateway.identity.key_set import KeySet, parse_key_set
from gateway.identity.key_source import PAUSE_S, REFRESH_S, STALE_S, KeySource
from tests.identity.signing import ec, published, rsa

FIRST, SECOND = parse_key_set(published(rsa())), parse_key_set(published(rsa(), ec()))


class Publisher:
    """Answers fetches when a test lets it, with what the test says."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.answer: KeySet | Exception = FIRST
        self.fetches = 0
        self.open = asyncio.Event()
        self.open.set()
        self.source = KeySource(self.fetch, name="idp", monotonic=lambda: self.now)

    async def fetch(self) -> KeySet:
        self.fetches += 1
        await self.open.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def find(self, kid: str = "r1", algorithm: str = "RS256") -> object:
        return (await self.source.find(kid, algorithm)).get("kid")


@pytest.fixture
async def idp() -> AsyncIterator[Publisher]:
    made = Publisher()
    yield made
    await made.source.close()


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_many_first_requests_wait_for_one_fetch(idp: Publisher) -> None:
    idp.open.clear()
    waiting = [asyncio.create_task(idp.find()) for _ in range(50)]
    await settled()
    waiting[0].cancel()  # its client hung up; the others still get their answer
    await settled()
    idp.open.set()
    assert await asyncio.gather(*waiting[1:]) == ["r1"] * 49
    assert idp.fetches == 1


async def test_old_keys_are_renewed_beside_the_requests(idp: Publisher) -> None:
    await idp.find()
    idp.now += REFRESH_S
    idp.open.clear()
    assert await idp.find() == "r1"
    idp.answer = SECOND
    idp.open.set()
    await settled()
    assert await idp.find("e1", "ES256") == "e1"
    assert idp.fetches == 2


async def test_a_new_key_is_fetched_when_a_token_names_it(idp: Publisher) -> None:
    await idp.find()
    idp.now += PAUSE_S
    idp.answer = SECOND
    assert await idp.find("e1", "ES256") == "e1"
    assert idp.fetches == 2


async def test_a_flood_of_unknown_keys_causes_one_fetch(idp: Publisher) -> None:
    await idp.find()
    idp.now += PAUSE_S
    for _ in range(5):
        found = await asyncio.gather(*(idp.find(f"k{number}") for number in range(100)), return_exceptions=True)
        assert all(isinstance(one, Unauthenticated) for one in found)
    assert idp.fetches == 2
    idp.now += PAUSE_S - 0.1
    with pytest.raises(Unauthenticated):
        await idp.find("k")
    assert idp.fetches == 2
    assert await idp.find() == "r1"


async def test_keys_outlive_their_issuer_for_a_bounded_time(idp: Publisher, caplog: pytest.LogCaptureFixture) -> None:
    await idp.find()
    idp.answer = OSError("alice@corp-example.org")
    idp.now += STALE_S - 1
    assert await idp.find() == "r1"
    await settled()
    idp.now += 1
    with pytest.raises(ProtectionUnavailable):
        await idp.find()
    assert "issuer idp" in caplog.text
    assert "alice" not in caplog.text
    idp.answer = FIRST
    idp.now += PAUSE_S
    assert await idp.find() == "r1"


async def test_while_the_issuer_is_down_an_unknown_key_is_not_called_wrong(idp: Publisher) -> None:
    await idp.find()
    idp.answer = ValueError()
    idp.now += PAUSE_S
    with pytest.raises(ProtectionUnavailable):
        await idp.find("k")
    assert await idp.find() == "r1"


async def test_without_keys_a_fetch_is_tried_again_after_a_pause(idp: Publisher) -> None:
    idp.answer = OSError()
    for _ in range(3):
        with pytest.raises(ProtectionUnavailable):
            await idp.find()
    assert idp.fetches == 1
    idp.answer = FIRST
    idp.now += 5
    assert await idp.find() == "r1"


async def test_a_fetch_that_hangs_refuses_and_is_ended(idp: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.identity.key_source._WAIT_S", 0.01)
    idp.open.clear()
    with pytest.raises(ProtectionUnavailable):
        await idp.find()
    await idp.source.close()
    idp.open.set()
    await settled()
    with pytest.raises(ProtectionUnavailable):
        await idp.find()
