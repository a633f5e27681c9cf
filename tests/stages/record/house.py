"""The stage that records, on a real log, and exchanges that go through it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, closing
from hashlib import sha256
from pathlib import Path

from opentelemetry.trace import NoOpTracer
from sqlalchemy import select

from gateway.audit.database_log import DatabaseAuditLog
from gateway.audit.event import ExchangeRecord, Outcome
from gateway.audit.journal import NoJournal
from gateway.audit.keeper import Keeper
from gateway.audit.kept import read_content
from gateway.audit.reader import read_exchanges
from gateway.audit.tenant_keys import TenantKeys
from gateway.exchange import Decision, Exchange, FindingCount, Principal, Reply
from gateway.exchange.content import Content
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.pipeline import Proceed
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface
from gateway.stages.record import Record
from gateway.store.tables.content import KEPT
from tests.audit.keyrings import keyring_beside
from tests.store.databases import sqlite_at

SECRET = "alice@example.com"
RULES = EntityRules(OperatorKind.PLACEHOLDER)
ALLOW = Decision(
    allow=True,
    rule="tenants.acme.models",
    reason="allowed",
    policy_version="v1",
    obligations=Obligations(request=RULES, reply=RULES, restore=True, record_content=True),
)
DENY = Decision(allow=False, rule="default", reason="nothing allows it", policy_version="v1")
FOUND = FindingCount(entity="EMAIL_ADDRESS", operator=OperatorKind.PLACEHOLDER, recognizer="email", count=2, max_score=1.0)
EVENTS: list[JsonObject] = [{"n": 0}, {"n": 1}, {"n": 2}]
Body = AsyncGenerator[JsonObject, None]


async def intake() -> bytes:
    return SECRET.encode()


def exchange(call_id: str = "c-1") -> Exchange:
    return Exchange(call_id=call_id, surface=Surface.CHAT, journal=NoJournal(), intake=intake, credential=SECRET)


def inwards(exchange: Exchange) -> Exchange:
    """What the stages inside learn on the way to the upstream."""
    caller = Principal(tenant="acme", id="bob", key_id="pg-1")
    known = exchange.learn(principal=caller, request={"text": SECRET}, model="smollm2", stream=True)
    return known.learn(decision=ALLOW).learn(redacted={"text": "<EMAIL_1>"}, findings=(FOUND,), deployment="local")


async def events(*, after: Exception | None = None, count: int = 3) -> Body:
    for event in EVENTS[:count]:
        yield event
    if after is not None:
        raise after


async def plain() -> Body:
    yield {"n": 0}


def answering(body: Callable[[], Body], *, streaming: bool = True, status: int = 200) -> Proceed:
    async def proceed(exchange: Exchange) -> Reply:
        sent = inwards(exchange)
        await sent.journal.commit()
        sent.journal.settle(Usage(input_tokens=3, output_tokens=2, finish_reasons=("stop",)))
        return Reply(status=status, streaming=streaming, body=body())

    return proceed


def refusing(error: BaseException, *, committed: bool = False, decision: Decision | None = None) -> Proceed:
    async def proceed(exchange: Exchange) -> Reply:
        if decision is not None:
            exchange = exchange.learn(principal=Principal(tenant="acme", id="bob"), decision=decision)
        if committed:
            await inwards(exchange).journal.commit()
        raise error

    return proceed


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def drain(body: Body, seen: list[JsonObject]) -> None:
    async for event in body:
        seen.append(event)


class House:
    """The stage on a real log, and what the log says in the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = DatabaseAuditLog(sqlite_at(path), retry_s=0.05)
        self.keyring = keyring_beside(path)
        self.record = Record(self.log, NoOpTracer(), keeper=Keeper(TenantKeys(self.keyring.tenant)))

    async def events(self, proceed: Proceed) -> list[JsonObject]:
        reply = await self.record(exchange(), proceed)
        async with aclosing(reply.body) as body:
            return [event async for event in body]

    def outcome(self) -> Outcome:
        """Of the only exchange, as an auditor sees it now."""
        (row,) = read_exchanges(sqlite_at(self.path), limit=10)
        return row.record.outcome

    def digests(self) -> dict[str, str]:
        """Of what is kept, by part."""
        with sqlite_at(self.path).reading() as connection:
            rows = connection.execute(select(KEPT.c.part, KEPT.c.nr, KEPT.c.sealed)).all()
        return {f"{part}/{number}": sha256(sealed).hexdigest() for part, number, sealed in rows}

    def content(self) -> Content:
        with sqlite_at(self.path).reading() as connection:
            return read_content(connection, self.keyring, "c-1", "acme")

    async def only_record(self) -> ExchangeRecord:
        await self.log.close()
        (row,) = read_exchanges(sqlite_at(self.path), limit=10)
        assert SECRET not in row.record.to_json()
        return row.record

    async def phases(self) -> list[str]:
        await self.log.close()
        with closing(sqlite3.connect(self.path)) as connection:
            return [phase for (phase,) in connection.execute("SELECT phase FROM entries ORDER BY seq")]
