"""The stage that limits: limits, exchanges under them, and what they have used."""

from __future__ import annotations

from gateway.errors import (
    AuditUnavailable,
)
from gateway.exchange import Body, Decision, Exchange, Reply
from gateway.exchange.content import Content
from gateway.limits.counting import CountingLimiter
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
