"""Tenants' keys are asked for seldom, and by one exchange for all, also where there is none to be had."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.audit.tenant_keys import TenantKeys
from gateway.errors import KeyDestroyed, ProtectionUnavailable
from gateway.keys.data_key import TenantKey
from gateway.keys.envelope import new_key


class Source:
    """A key service that answers when it is let, and counts who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.refusal: ProtectionUnavailable | None = None

    def open(self, tenant: str) -> TenantKey:
        self.asked.append(tenant)
        self.may_answer.wait(10)
        if self.refusal is not None:
            raise self.refusal
        return TenantKey(tenant, new_key())


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def keys(source: Source, now: list[float]) -> TenantKeys:
    return TenantKeys(source.open, monotonic=lambda: now[0])


async def test_a_key_is_held_for_some_seconds(keys: TenantKeys, source: Source, now: list[float]) -> None:
    first = await keys.of("bank")
    now[0] = 9.9
    assert await keys.of("bank") is first
    now[0] = 10.0
    assert await keys.of("bank") is not first
    assert await keys.of("shop") is not first
    assert source.asked == ["bank", "bank", "shop"]


async def test_those_who_wait_ask_once_together(keys: TenantKeys, source: Source) -> None:
    source.may_answer.clear()
    waiting = [asyncio.create_task(keys.of("bank")) for _ in range(20)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    source.may_answer.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert {id(answer) for answer in answers[1:]} == {id(await keys.of("bank"))}
    assert source.asked == ["bank"]


async def test_a_refusal_is_held_for_a_second_and_told_to_each_anew(keys: TenantKeys, source: Source, now: list[float]) -> None:
    source.refusal = KeyDestroyed("This tenant was erased.")
    told = await asyncio.gather(*(keys.of("bank") for _ in range(3)), return_exceptions=True)
    assert [(type(one), str(one)) for one in told] == [(KeyDestroyed, "This tenant was erased.")] * 3
    assert len({id(one) for one in told}) == 3
    source.refusal = None
    with pytest.raises(KeyDestroyed):
        await keys.of("bank")
    now[0] = 1.0
    assert (await keys.of("bank")).tenant == "bank"
    assert source.asked == ["bank", "bank"]


async def test_what_is_no_refusal_is_not_held(now: list[float]) -> None:
    def broken(tenant: str) -> TenantKey:
        raise RuntimeError(tenant)

    keys = TenantKeys(broken, monotonic=lambda: now[0])
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await keys.of("bank")


async def test_what_is_forgotten_is_asked_for_anew(keys: TenantKeys, source: Source) -> None:
    await keys.of("bank")
    source.refusal = KeyDestroyed("This tenant was erased.")
    keys.forget("bank")
    with pytest.raises(KeyDestroyed):
        await keys.of("bank")


async def test_an_answer_that_was_under_way_when_it_was_forgotten_is_not_held(keys: TenantKeys, source: Source) -> None:
    source.may_answer.clear()
    waiting = asyncio.create_task(keys.of("bank"))
    while not source.asked:
        await asyncio.sleep(0.001)
    keys.forget("bank")
    later = asyncio.create_task(keys.of("bank"))
    while len(source.asked) < 2:
        await asyncio.sleep(0.001)
    source.may_answer.set()
    first, second = await asyncio.gather(waiting, later)
    assert first is not second
    assert await keys.of("bank") is second
    assert source.asked == ["bank", "bank"]
