"""The stage: counted before, settled after, and given back where nothing was done, however an exchange ends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.content import Content
from gateway.errors import (
    AuditUnavailable,
    EntityBlocked,
    GatewayError,
    ProtectionUnavailable,
    RateLimited,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamTruncated,
    UpstreamUnreachable,
)
from gateway.exchange import Body, Decision, Exchange, Reply
from gateway.fhe.relay.pipe import Announced, Pipe
from gateway.limits.counting import CountingLimiter
from gateway.limits.limiter import Costs, Permit
from gateway.limits.stores import in_memory
from gateway.obligations import EntityRules, Limit, LimitKind, Obligations, OperatorKind, Price
from gateway.pipeline import Proceed
from gateway.protocol.facts import facts_of
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.limit import Limit as LimitStage

DAY = 86_400
REQUESTS = Limit(scope="tenants.bank", kind=LimitKind.REQUESTS, amount=8, period_s=DAY)
TOKENS = Limit(scope="tenants.bank", kind=LimitKind.TOKENS, amount=8_192, period_s=DAY)
SPEND = Limit(scope="models.m", kind=LimitKind.SPEND, amount=16_384, period_s=DAY)
OPEN = Limit(scope="tenants.bank", kind=LimitKind.CONCURRENT, amount=2)
ALL = (REQUESTS, TOKENS, SPEND, OPEN)
REQUEST: JsonObject = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "word" * 40}]}
PRICE = Price(input=1.0, output=2.0)
RULES = EntityRules(OperatorKind.PLACEHOLDER)
SILENT = Usage()
TOLD = Usage(input_tokens=30, output_tokens=5)
SETTLED = [1, 35, 40, 0]
GIVEN_BACK = [1, 0, 0, 0]


class Book:
    """A journal that keeps what it is told."""

    def __init__(self) -> None:
        self.usage = Usage()
        self.seen: list[Exchange] = []
        self.kept: list[Content] = []
        self.conversation: str | None = None
        self.fails = False

    def observe(self, exchange: Exchange) -> None:
        self.seen.append(exchange)

    async def commit(self) -> None:
        if self.fails:
            raise AuditUnavailable("The audit log cannot be written.")

    def settle(self, usage: Usage) -> None:
        self.usage = usage

    def elapsed_ms(self) -> float:
        return 0.0

    def passed(self, stage: str, started_ms: float) -> None:
        """Nobody asks."""

    def belongs_to(self, conversation: str) -> None:
        self.conversation = conversation

    async def keep(self, content: Content) -> None:
        self.kept.append(content)


async def intake() -> bytes:
    return b""


def exchange(limits: tuple[Limit, ...] = ALL, book: Book | None = None) -> Exchange:
    obligations = Obligations(request=RULES, reply=RULES, restore=True, limits=limits, price=PRICE)
    return Exchange(
        call_id="c",
        surface=Surface.CHAT,
        journal=book or Book(),
        intake=intake,
        request=REQUEST,
        facts=facts_of(REQUEST, Surface.CHAT),
        decision=Decision(allow=True, rule="r", reason="allowed", policy_version="v", obligations=obligations),
    )


async def events(exchange: Exchange, usage: Usage = SILENT, after: BaseException | None = None) -> Body:
    try:
        for at in range(3):
            yield {"n": at}
        if after is not None:
            raise after
    finally:
        exchange.journal.settle(usage)


def answering(usage: Usage = SILENT, *, status: int = 200, after: BaseException | None = None, commit: bool = True) -> Proceed:
    async def proceed(exchange: Exchange) -> Reply:
        if commit:
            await exchange.journal.commit()
        return Reply(status=status, streaming=True, body=events(exchange, usage, after), headers={"x-own": "kept"})

    return proceed


def failing(error: BaseException, *, commit: bool = True) -> Proceed:
    async def proceed(exchange: Exchange) -> Reply:
        if commit:
            await exchange.journal.commit()
        raise error

    return proceed


@pytest.fixture
async def limiter() -> AsyncIterator[CountingLimiter]:
    limiter = in_memory()
    yield limiter
    await limiter.close()


async def used(limiter: CountingLimiter) -> list[int]:
    return [standing.used for standing in await limiter.state(ALL)]


async def estimated(limiter: CountingLimiter) -> list[int]:
    """What an exchange takes before it is settled, without its slot."""
    permit = await LimitStage(limiter)(exchange(), answering())
    taken = await used(limiter)
    await permit.body.aclose()
    for limit in ALL:
        await limiter.reset(limit)
    return [*taken[:3], 0]


async def read(reply: Reply) -> list[JsonObject]:
    return [event async for event in reply.body]


async def test_counted_while_it_runs_and_settled_when_it_ends(limiter: CountingLimiter) -> None:
    reply = await LimitStage(limiter)(exchange(), answering(TOLD))
    requests, tokens, spend, held = await used(limiter)
    assert (requests, held) == (1, 1)
    assert 140 <= tokens <= 160
    assert spend == tokens + 100  # what comes out costs double
    assert await read(reply) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert await used(limiter) == SETTLED


async def test_frames_cost_what_their_caller_announces(limiter: CountingLimiter) -> None:
    """There is no text to count: many at once must not all begin before the first of them is settled."""
    asked = replace(exchange(), intake=Pipe(Announced(prompt=5_000, answer=30)))
    reply = await LimitStage(limiter)(asked, answering())
    assert (await used(limiter))[1] == 5_030
    with pytest.raises(RateLimited):
        await LimitStage(limiter)(asked, answering())
    await reply.body.aclose()


async def test_the_reply_tells_what_is_left(limiter: CountingLimiter) -> None:
    reply = await LimitStage(limiter)(exchange(), answering())
    assert reply.headers["x-own"] == "kept"
    assert reply.headers["x-ratelimit-remaining-requests"] == "7"
    assert reply.headers["x-ratelimit-limit-tokens"] == "8192"
    await reply.body.aclose()


async def test_without_limits_nothing_is_in_the_way(limiter: CountingLimiter) -> None:
    asked = exchange(limits=())
    seen: list[Exchange] = []

    async def proceed(exchange: Exchange) -> Reply:
        seen.append(exchange)
        return Reply(status=200, streaming=False, body=events(exchange))

    reply = await LimitStage(limiter)(asked, proceed)
    assert seen == [asked]
    assert reply.headers == {}
    assert len(await read(reply)) == 3


async def test_it_needs_a_request(limiter: CountingLimiter) -> None:
    with pytest.raises(LookupError):
        await LimitStage(limiter)(replace(exchange(), facts=None), answering())


async def test_a_refusal_comes_before_anything_inside(limiter: CountingLimiter) -> None:
    held = [await LimitStage(limiter)(exchange(), answering()) for _ in range(2)]
    reached: list[str] = []

    async def proceed(exchange: Exchange) -> Reply:
        reached.append("inside")
        raise AssertionError

    with pytest.raises(RateLimited):
        await LimitStage(limiter)(exchange(), proceed)
    assert reached == []
    for reply in held:
        await reply.body.aclose()


@pytest.mark.parametrize(
    ("proceed", "left"),
    [
        (failing(EntityBlocked("no"), commit=False), GIVEN_BACK),
        (failing(UpstreamUnreachable("no")), GIVEN_BACK),
        (failing(UpstreamError("the backend failed")), GIVEN_BACK),
        (failing(UpstreamTimeout("late")), None),
        (failing(UpstreamProtocolError("not JSON")), None),
        (failing(ValueError("a bug"), commit=False), GIVEN_BACK),
        (failing(asyncio.CancelledError(), commit=False), GIVEN_BACK),
        (failing(asyncio.CancelledError()), None),
    ],
)
async def test_no_reply(limiter: CountingLimiter, proceed: Proceed, left: list[int] | None) -> None:
    """`left` is None where the estimate stays."""
    expected = left or await estimated(limiter)
    with pytest.raises((GatewayError, ValueError, asyncio.CancelledError)):
        await LimitStage(limiter)(exchange(), proceed)
    assert await used(limiter) == expected


async def test_an_exchange_that_cannot_be_recorded_costs_nothing(limiter: CountingLimiter) -> None:
    book = Book()
    book.fails = True
    with pytest.raises(AuditUnavailable):
        await LimitStage(limiter)(exchange(book=book), answering())
    assert await used(limiter) == GIVEN_BACK


@pytest.mark.parametrize(
    ("proceed", "left"),
    [
        (answering(TOLD), SETTLED),
        (answering(SILENT), None),
        (answering(SILENT, status=429), GIVEN_BACK),
        (answering(TOLD, status=400), SETTLED),
        (answering(SILENT, commit=False), GIVEN_BACK),  # answered by a stage further in, without a backend
        (answering(SILENT, after=UpstreamTruncated("cut")), None),
        (answering(TOLD, after=UpstreamTruncated("cut")), SETTLED),
    ],
)
async def test_a_reply_that_ends(limiter: CountingLimiter, proceed: Proceed, left: list[int] | None) -> None:
    expected = left or await estimated(limiter)
    reply = await LimitStage(limiter)(exchange(), proceed)
    with suppress(UpstreamTruncated):
        assert len(await read(reply)) == 3
    assert await used(limiter) == expected


def long_answer(events: int) -> Proceed:
    async def body() -> Body:
        for at in range(events):
            yield {"n": at}

    async def proceed(exchange: Exchange) -> Reply:
        await exchange.journal.commit()
        return Reply(status=200, streaming=True, body=body())

    return proceed


async def test_a_stream_that_tells_no_usage_costs_what_came(limiter: CountingLimiter) -> None:
    """A client need not ask for usage, and may hang up before it is told."""
    _, tokens, spend, _ = await estimated(limiter)
    await read(await LimitStage(limiter)(exchange(), long_answer(1_000)))
    assert await used(limiter) == [1, tokens + 900, spend + 1_800, 0]
    hung_up = await LimitStage(limiter)(exchange(), long_answer(1_000))
    for _ in range(500):
        await anext(hung_up.body)
    await hung_up.body.aclose()
    assert (await used(limiter))[1] == 2 * tokens + 900 + 400


async def unread(reply: Reply) -> None:
    await reply.body.aclose()


async def half_read(reply: Reply) -> None:
    await anext(reply.body)
    await reply.body.aclose()
    await reply.body.aclose()


async def cancelled(reply: Reply) -> None:
    async def reading() -> None:
        await anext(reply.body)
        await asyncio.Event().wait()

    task = asyncio.create_task(reading())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    await reply.body.aclose()


async def forgotten(reply: Reply) -> None:
    await anext(reply.body)


@pytest.mark.parametrize("hang_up", [unread, half_read, cancelled, forgotten])
async def test_a_client_that_hangs_up_holds_nothing(limiter: CountingLimiter, hang_up: Callable[[Reply], Any]) -> None:
    expected = await estimated(limiter)
    await hang_up(await LimitStage(limiter)(exchange(), answering()))
    gc.collect()
    async with asyncio.timeout(10):
        while await used(limiter) != expected:
            await asyncio.sleep(0.01)


async def test_a_client_that_hangs_up_while_an_event_is_awaited(limiter: CountingLimiter) -> None:
    async def stuck(exchange: Exchange) -> Body:
        yield {"n": 0}
        await asyncio.Event().wait()

    async def proceed(exchange: Exchange) -> Reply:
        return Reply(status=200, streaming=True, body=stuck(exchange))

    task = asyncio.create_task(read(await LimitStage(limiter)(exchange(), proceed)))
    await asyncio.sleep(0.01)
    assert (await used(limiter))[3] == 1
    task.cancel()
    await asyncio.wait({task})
    assert await used(limiter) == GIVEN_BACK


async def test_the_journal_hears_what_is_said_further_in(limiter: CountingLimiter) -> None:
    book = Book()

    async def proceed(exchange: Exchange) -> Reply:
        journal = exchange.learn(model="m").journal
        await journal.keep(Content(reply="kept"))
        journal.belongs_to("conv_1")
        return Reply(status=200, streaming=True, body=events(exchange, TOLD))

    await read(await LimitStage(limiter)(exchange(book=book), proceed))
    assert [seen.model for seen in book.seen] == ["m"]
    assert (book.kept, book.conversation) == ([Content(reply="kept")], "conv_1")
    assert book.usage == TOLD


@dataclass(frozen=True)
class Local:
    """A permit of this process alone."""

    permit: Permit
    locally: bool = True

    @property
    def headers(self) -> Mapping[str, str]:
        return self.permit.headers

    async def settle(self, actual: Costs) -> None:
        await self.permit.settle(actual)

    async def release(self) -> None:
        await self.permit.release()


class Away(CountingLimiter):
    """Its store is away."""

    async def acquire(self, limits: Sequence[Limit], costs: Costs, *, locally: bool = False) -> Any:
        if not locally:
            raise ProtectionUnavailable("away")
        return Local(await super().acquire(limits, costs))


@pytest.mark.parametrize("locally", [False, True])
async def test_who_is_counted_by_one_process_alone_is_told_and_on_record(locally: bool) -> None:
    memory = in_memory()
    stage, book = LimitStage(Away(memory._rates, memory._slots, waits=False)), Book()
    asked = exchange(book=book)
    assert asked.decision is not None
    asked = replace(asked, decision=replace(asked.decision, obligations=replace(asked.obligations, limits_locally=locally)))

    async def proceed(inner: Exchange) -> Reply:
        return Reply(status=200, streaming=True, body=events(inner))

    if not locally:
        with pytest.raises(ProtectionUnavailable):
            await stage(asked, proceed)
        return
    reply = await stage(asked, proceed)
    assert reply.headers["x-gateway-limits"] == "counted-locally"
    assert book.seen[-1].counted_locally
    await reply.body.aclose()
