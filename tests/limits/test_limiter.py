"""What both limiters promise: all or nothing, never more than the limit, and nothing kept by whoever is gone."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.errors import RateLimited
from gateway.limits.counting import CountedPermit
from gateway.limits.limiter import Costs
from gateway.obligations import Limit, LimitKind

DAY = 86_400
WHO = "tenants.bank.principals.ann@bank.example"


def limit(kind: LimitKind, amount: int, scope: str = WHO) -> Limit:
    return Limit(scope=scope, kind=kind, amount=amount, period_s=0 if kind is LimitKind.CONCURRENT else DAY)


REQUESTS = limit(LimitKind.REQUESTS, 4)
TOKENS = limit(LimitKind.TOKENS, 1_024)  # a power of two: a float divides the day by it exactly
SPEND = limit(LimitKind.SPEND, 4_096)
OPEN = limit(LimitKind.CONCURRENT, 2)
ALL = (REQUESTS, TOKENS, SPEND, OPEN)
COSTS = Costs(tokens=100, spend=1_000)


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await true():
            await asyncio.sleep(0.01)


async def test_every_kind_is_taken(house: Any) -> None:
    await house.limiter.acquire(ALL, COSTS)
    assert await house.used(*ALL) == [1, 100, 1_000, 1]


async def test_no_limits_no_headers(house: Any) -> None:
    permit = await house.limiter.acquire((), COSTS)
    assert permit.headers == {}
    await permit.settle(Costs())
    await permit.release()


async def test_a_limit_is_reached_and_comes_back(house: Any) -> None:
    for _ in range(4):
        await house.limiter.acquire([REQUESTS], COSTS)
    with pytest.raises(RateLimited) as refused:
        await house.limiter.acquire([REQUESTS], COSTS)
    assert 21_590 <= (refused.value.retry_after or 0) <= 21_600
    assert refused.value.message.startswith("The limit for this principal is reached: 4 requests a day. Try again in ")
    assert "ann" not in refused.value.message
    assert refused.value.headers["x-ratelimit-remaining-requests"] == "0"
    house.clock.advance(DAY / 4 + 1)
    await house.limiter.acquire([REQUESTS], COSTS)
    with pytest.raises(RateLimited):
        await house.limiter.acquire([REQUESTS], COSTS)


async def test_headers_tell_of_the_tightest(house: Any) -> None:
    wide = limit(LimitKind.TOKENS, 10_000, scope="organisation")
    permit = await house.limiter.acquire([wide, *ALL], COSTS)
    assert permit.headers == {
        "x-ratelimit-limit-requests": "4",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-reset-requests": "6h0m0s",
        "x-ratelimit-limit-tokens": "1024",
        "x-ratelimit-remaining-tokens": "924",
        "x-ratelimit-reset-tokens": "2h20m38s",
    }


@pytest.mark.parametrize("tight", [limit(kind, 1, scope="organisation") for kind in LimitKind])
async def test_a_refusal_gives_back_what_it_took(house: Any, tight: Limit) -> None:
    """The organisation's limit is asked last, after all of the principal's were taken from."""
    one = Costs(tokens=1, spend=1)
    await house.limiter.acquire([tight], one)
    with pytest.raises(RateLimited) as refused:
        await house.limiter.acquire([tight, *ALL], one)
    assert await house.used(*ALL, tight) == [0, 0, 0, 0, 1]
    assert refused.value.headers["x-ratelimit-remaining-tokens"] == "1024"


async def test_a_cost_beyond_the_quota_can_never_pass(house: Any) -> None:
    with pytest.raises(RateLimited, match="ever lets through: 1024 tokens a day") as refused:
        await house.limiter.acquire(ALL, Costs(tokens=1_025))
    assert refused.value.retry_after is None
    assert await house.used(*ALL) == [0, 0, 0, 0]
    await house.limiter.acquire(ALL, Costs(tokens=1_024))


async def test_what_costs_nothing_passes_a_limit_that_is_reached(house: Any) -> None:
    await house.limiter.acquire([SPEND], Costs(spend=SPEND.amount))
    permit = await house.limiter.acquire([SPEND], Costs(spend=0))
    assert permit.headers == {}


@pytest.mark.parametrize(
    ("actual", "tokens", "spend"), [(Costs(tokens=30, spend=0), 30, 0), (Costs(tokens=600, spend=2_000), 600, 2_000)]
)
async def test_settling_corrects_once(house: Any, actual: Costs, tokens: int, spend: int) -> None:
    permit = await house.limiter.acquire(ALL, COSTS)
    await permit.settle(actual)
    await permit.settle(Costs())
    assert await house.used(*ALL) == [1, tokens, spend, 1]


async def test_what_was_used_beyond_the_limit_has_to_drain(house: Any) -> None:
    permit = await house.limiter.acquire([TOKENS], COSTS)
    await permit.settle(Costs(tokens=1_536))
    house.clock.advance(DAY / 2)
    with pytest.raises(RateLimited) as refused:
        await house.limiter.acquire([TOKENS], Costs(tokens=1))
    assert refused.value.headers["x-ratelimit-remaining-tokens"] == "0"
    assert 80 <= (refused.value.retry_after or 0) <= 85
    house.clock.advance(85)
    await house.limiter.acquire([TOKENS], Costs(tokens=1))


async def test_a_backend_that_says_nonsense_locks_nobody_out_for_good(house: Any) -> None:
    tiny = Limit(scope=WHO, kind=LimitKind.SPEND, amount=1, period_s=86_400)
    permit = await house.limiter.acquire([tiny], Costs(spend=1))
    await permit.settle(Costs(spend=10**15))
    (standing,) = await house.standings(tiny)
    assert 9 * 365 * 86_400 < standing.reset_s < 11 * 366 * 86_400


async def test_a_quota_beyond_all_floats(house: Any) -> None:
    vast = Limit(scope=WHO, kind=LimitKind.SPEND, amount=10**21, period_s=1)
    await house.limiter.acquire([vast], Costs(spend=2**53))
    with pytest.raises(RateLimited, match="spend of 1000000000000000 a second"):
        await house.limiter.acquire([vast], Costs(spend=2**53 + 1))


async def test_nothing_comes_back_before_now(house: Any) -> None:
    permit = await house.limiter.acquire([TOKENS], Costs(tokens=500))
    house.clock.advance(DAY)
    await permit.settle(Costs())
    assert await house.used(TOKENS) == [0]
    await house.limiter.acquire([TOKENS], Costs(tokens=1_024))
    with pytest.raises(RateLimited):
        await house.limiter.acquire([TOKENS], Costs(tokens=10))


async def test_what_is_owed_counts_from_now(house: Any) -> None:
    """Not from the moment, long past, at which all that was taken had drained away."""
    permit = await house.limiter.acquire([TOKENS], COSTS)
    house.clock.advance(2 * DAY)
    await permit.settle(Costs(tokens=300))
    assert await house.used(TOKENS) == [200]


async def test_slots_are_held_until_released(house: Any) -> None:
    first, _ = [await house.limiter.acquire([OPEN], COSTS) for _ in range(2)]
    with pytest.raises(RateLimited, match="2 open at once") as refused:
        await house.limiter.acquire([OPEN], COSTS)
    assert refused.value.retry_after == 1
    await first.release()
    await first.release()
    assert await house.used(OPEN) == [1]
    await house.limiter.acquire([OPEN], COSTS)


async def test_scopes_and_periods_do_not_share(house: Any) -> None:
    other = [
        Limit(scope="tenants.bank", kind=LimitKind.REQUESTS, amount=4, period_s=DAY),
        Limit(scope=WHO, kind=LimitKind.REQUESTS, amount=4, period_s=60),
        Limit(scope=WHO, kind=LimitKind.TOKENS, amount=4, period_s=DAY),
    ]
    await house.limiter.acquire([REQUESTS], COSTS)
    assert await house.used(REQUESTS, *other) == [1, 0, 0, 0]


async def test_equal_scopes_share_whatever_the_amount(house: Any) -> None:
    for _ in range(4):
        await house.limiter.acquire([REQUESTS], COSTS)
    doubled = limit(LimitKind.REQUESTS, 8)
    with pytest.raises(RateLimited):
        await house.limiter.acquire([doubled], COSTS)


async def test_reading_takes_nothing_and_reset_forgets(house: Any) -> None:
    await house.limiter.acquire(ALL, COSTS)
    before = await house.standings(*ALL)
    assert [one.remaining for one in before] == [3, 924, 3_096, 1]
    assert [math.ceil(one.reset_s) for one in before] == [21_600, 8_438, 21_094, 0]
    assert [one.used for one in await house.standings(*ALL)] == [1, 100, 1_000, 1]
    for one in ALL:
        await house.limiter.reset(one)
    assert await house.used(*ALL) == [0, 0, 0, 0]


# Many at once


async def tried(house: Any, limits: tuple[Limit, ...], costs: Costs) -> CountedPermit | None:
    try:
        return await house.limiter.acquire(limits, costs)  # type: ignore[no-any-return]
    except RateLimited:
        return None


@pytest.mark.parametrize("kind", list(LimitKind))
async def test_hundreds_at_once_never_pass_the_limit(house: Any, kind: LimitKind) -> None:
    tight = limit(kind, 100)
    permits = await asyncio.gather(*(tried(house, (tight,), Costs(tokens=1, spend=1)) for _ in range(300)))
    assert sum(permit is not None for permit in permits) == 100
    assert await house.used(tight) == [100]


async def test_hundreds_at_once_take_all_or_nothing(house: Any) -> None:
    limits = (
        limit(LimitKind.REQUESTS, 150, scope="organisation"),
        limit(LimitKind.TOKENS, 1_024, scope="tenants.bank"),
        limit(LimitKind.CONCURRENT, 80),
    )
    permits = await asyncio.gather(*(tried(house, limits, Costs(tokens=20)) for _ in range(200)))
    held = [permit for permit in permits if permit is not None]
    assert len(held) <= 51
    assert await house.used(*limits) == [len(held), 20 * len(held), len(held)]
    await asyncio.gather(*(permit.settle(Costs(tokens=7)) for permit in held), *(permit.release() for permit in held))
    assert await house.used(*limits) == [len(held), 7 * len(held), 0]


# Callers that go away


async def test_a_caller_cancelled_at_any_moment_holds_nothing(house: Any) -> None:
    roomy = tuple(limit(one.kind, 10_000) for one in ALL)
    got = 0
    for steps in (*range(12), 20, 40, 80):
        task = asyncio.create_task(house.limiter.acquire(roomy, Costs(tokens=1, spend=1)))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        try:
            await (await task).undo()
            got += 1
        except asyncio.CancelledError:
            continue

    async def nothing_held() -> bool:
        return bool(await house.used(*roomy) == [0, 0, 0, 0])

    await eventually(nothing_held)
    assert got < 15


async def test_a_cancelled_settlement_is_carried_out(house: Any) -> None:
    async def end(permit: CountedPermit) -> None:
        try:
            await permit.settle(Costs(tokens=3))
        finally:
            await permit.release()

    async def settled() -> bool:
        return bool(await house.used(*ALL) == [1, 3, 0, 0])

    for steps in range(1, 40, 2):
        task = asyncio.create_task(end(await house.limiter.acquire(ALL, COSTS)))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        await eventually(settled)
        for one in ALL:
            await house.limiter.reset(one)


async def test_closing_waits_for_what_is_to_be_settled(house: Any) -> None:
    permit = await house.limiter.acquire([TOKENS], COSTS)
    task = asyncio.create_task(permit.settle(Costs(tokens=1)))
    await asyncio.sleep(0)
    task.cancel()
    await house.limiter.close()
    assert await house.used(TOKENS) == [1]
