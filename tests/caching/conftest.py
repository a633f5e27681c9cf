"""Both stores behind one face, and exchanges as they stand before the cache."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.audit.journal import NoJournal
from gateway.caching.answers import Answers
from gateway.caching.memory import MemoryStore
from gateway.caching.question import Question
from gateway.caching.redis_store import RedisStore
from gateway.caching.store import CacheStore
from gateway.exchange import Decision, Exchange, Principal
from gateway.obligations import CacheMode, CacheTerms, EntityRules, Obligations, OperatorKind
from gateway.protocol.facts import Stated
from gateway.protocol.usage import Usage
from gateway.protocol.wire import JsonObject, Surface
from gateway.shared.place import RedisPlace
from tests.limits.conftest import RedisServer
from tests.support.clock import Clock

SECRET = b"s" * 32
KEEP = EntityRules(OperatorKind.KEEP)
ASKED: JsonObject = {"model": "m", "messages": [{"role": "user", "content": "hello <PERSON_1>"}], "temperature": 0}


@dataclass(frozen=True)
class Place:
    """A deployment as policy knows it."""

    id: str
    model: str | None = None
    version: str | None = None
    digest: str | None = None
    external: bool = False
    concurrent: int | None = None


@dataclass(frozen=True)
class TenantKey:
    """Stands for a tenant's key: every tenant and every purpose has another."""

    tenant: str

    def sub_key(self, purpose: str) -> bytes:
        return f"{self.tenant}/{purpose}".encode().ljust(32, b".")[:32]


class Keys:
    async def of(self, tenant: str) -> TenantKey:
        return TenantKey(tenant)


class Book(NoJournal):
    """A journal that remembers what it is told."""

    def __init__(self) -> None:
        self.told: Usage | None = None
        self.last: Exchange | None = None
        self.commits = 0

    def observe(self, exchange: Exchange) -> None:
        self.last = exchange

    async def commit(self) -> None:
        self.commits += 1

    def settle(self, usage: Usage) -> None:
        self.told = usage


async def _intake() -> bytes:
    return b""


def question(body: JsonObject | None = None, **more: Any) -> Question:
    asked: dict[str, Any] = {
        "tenant": "t",
        "principal": None,
        "policy_version": "v1",
        "model": "m",
        "surface": Surface.CHAT,
        "deployments": ["gpu"],
        "streaming": False,
        "body": body or ASKED,
    }
    return Question(**{**asked, **more})


def exchange(
    body: JsonObject | None = None,
    *,
    principal: str = "p",
    tenant: str = "t",
    cache: CacheMode = CacheMode.TENANT,
    caching: CacheTerms | None = None,
    surface: Surface = Surface.CHAT,
    control: str | None = None,
    call_id: str = "call-1",
    stream: bool = False,
) -> Exchange:
    obligations = Obligations(
        request=KEEP, reply=KEEP, restore=True, cache=cache, caching=caching or CacheTerms(), deployments=(Place("gpu"),)
    )
    return Exchange(
        call_id=call_id,
        surface=surface,
        journal=Book(),
        intake=_intake,
        stated=Stated(cache_control=control),
        principal=Principal(tenant=tenant, id=principal),
        model="m",
        stream=stream,
        redacted=ASKED if body is None else body,
        decision=Decision(allow=True, rule="r", reason="", policy_version="v1", obligations=obligations),
    )


def answers(store: CacheStore, clock: Clock | None = None, **more: Any) -> Answers:
    return Answers(store, Keys(), clock=clock or Clock(), **more)


@pytest.fixture(scope="session")
def cache_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def redis(cache_redis: RedisServer) -> RedisServer:
    cache_redis.client.flushall()
    return cache_redis


def on_redis(redis: RedisServer, **more: Any) -> RedisStore:
    return RedisStore(RedisPlace(redis.url), SECRET, **{"budget_s": 10.0, **more})


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[CacheStore]:
    made: CacheStore = MemoryStore(2**20) if request.param == "memory" else on_redis(request.getfixturevalue("redis"))
    yield made
    await made.close()
