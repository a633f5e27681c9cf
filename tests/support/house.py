"""A gateway and everything that is asked of it, for tests that disturb it: each call is on the record once, and nothing is held.

What a way is asked has a number in its text, so that a backend can tell whether the record knew of the call before it did.
"""

from __future__ import annotations

import asyncio
import gc
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, create_engine

from gateway.exchange import Principal
from gateway.obligations import LimitKind
from gateway.routing.breaker import State
from gateway.store.database import Database
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.inside import VALUE, Call, Inside, gateway_inside
from tests.support.script import Request, Script, Scripter
from tests.support.steps import Steps, count_steps, counting

_PATIENCE_S = 10.0
_ILL = "ill"
"""The one deployment whose breaker may open."""

Cut = Callable[[list[asyncio.Task[None]]], object]
Say = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Way:
    """One kind of request: `body` makes it of what is said. `whole` stands in every answer to it that is whole."""

    tenant: str
    body: Say
    path: str = "chat/completions"
    headers: Mapping[str, str] = field(default_factory=dict)
    whole: bytes = VALUE.encode()
    streams: tuple[bool, ...] = (False, True)


def chat(model: str, **more: Any) -> Say:
    """A question to a model, of which equal ones have equal answers."""
    return lambda said: {"model": model, "temperature": 0, "messages": [{"role": "user", "content": said}], **more}


@dataclass
class House:
    """`early` is what a backend heard of before the record did; `before`, how many exchanges were open or over when a question
    was made.
    """

    inside: Inside
    keys: dict[str, str]
    opened: Callable[[], int] = field(repr=False)
    early: list[Request] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    before: dict[int, int] = field(default_factory=dict)

    def call(self, way: Way, *, stream: bool) -> Call:
        """A question that nobody has asked before."""
        number = len(self.calls)
        self.before[number] = self.opened()
        body = way.body(f"Mail {VALUE} number {number}") | ({"stream": True} if stream else {})
        self.calls.append(Call(way.path, self.keys[way.tenant], body, way.headers))
        return self.calls[-1]

    def forget_keys(self, tenant: str) -> None:
        """So that the tenant's key is read again; that there was none is held for a second, too."""
        self.inside.parts.keeping.tenant_keys.forget(tenant)
        self.inside.parts.keeping.keyring.forget(tenant)

    async def at_rest(self) -> None:
        """Fails where something is held that the calls should have given back."""
        backends, caching = self.inside.parts.backends, self.inside.parts.caching
        for standing in backends.router.standings.known():
            assert (standing.open, standing.tokens) == (0, 0), standing.deployment
            assert standing.breaker.state is State.CLOSED or standing.deployment.id == _ILL
        assert (backends.router.waiting, backends.shadows.under_way) == (0, 0)
        assert not caching.flights._all
        standings = [self.inside.parts.standing(Principal(tenant=tenant, id="app")) for tenant in self.keys]
        limits = [limit for one in standings if one for limit in one.terms.limits]
        concurrent = [limit for limit in limits if limit.kind is LimitKind.CONCURRENT]
        assert len(concurrent) == len(self.keys)
        async with asyncio.timeout(_PATIENCE_S):
            while any(one.used for one in await self.inside.parts.limiter.state(concurrent)):
                await asyncio.sleep(0.005)  # a count on Redis is corrected behind the exchange's back


def assert_whole(call: Call, whole: bytes = VALUE.encode()) -> None:
    assert call.status == 200, call.body
    assert call.ended
    assert whole in call.body
    assert b'"error":{' not in call.body


def assert_refused(call: Call, status: int, *codes: str) -> None:
    assert call.status == status, call.body
    error = orjson.loads(call.body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] in codes
    assert VALUE.encode() not in call.body


@asynccontextmanager
async def house(
    folder: Path, policy: str, scripters: Mapping[str, Scripter], tenants: tuple[str, ...], **settings: Any
) -> AsyncIterator[House]:
    """`policy` has a place for the URL of each of the backends. Each tenant has a limit of what is open at once, and a principal
    `app`. Checks in the end that each call is on the record once, and that no backend heard of one that was not.
    """
    loop, unheard = asyncio.get_running_loop(), list[dict[str, Any]]()
    count_steps(loop)
    loop.set_exception_handler(lambda _, told: unheard.append(told))
    with _backends(scripters) as backends:
        urls = {name: backend.url for name, backend in backends.items()}
        async with gateway_inside(folder, policy.format(**urls), **settings) as inside:
            record = inside.parts.keeping.database
            with _looking(record) as look:
                made = House(
                    inside, {tenant: inside.key(tenant) for tenant in tenants}, partial(_opened, look, threading.Lock())
                )
                for name, backend in backends.items():
                    backend.reply_with(_checked(made, scripters[name]))
                yield made
                gc.collect()  # so that a failure nobody asked for is told
                await asyncio.sleep(0)
        assert (made.early, unheard) == ([], [])
        with _looking(record) as look:
            rows = look.exec_driver_sql("SELECT call_id, phase FROM entries WHERE kind = 'exchange'").all()
    entries = Counter((call_id, phase) for call_id, phase in rows)
    completed = {call_id for call_id, phase in entries if phase == "completed"}
    assert {call_id for call_id, _ in entries} == completed
    assert set(entries.values()) == {1}
    assert sum(not call_id.endswith(".shadow") for call_id in completed) == sum(call.begun for call in made.calls)


@contextmanager
def _looking(database: Database) -> Iterator[Connection]:
    """A connection beside the gateway's, which sees what is durable by the time that it looks. For several threads by turns."""
    arguments = {"check_same_thread": False} if database.kind == "sqlite" else {}
    engine = create_engine(
        f"sqlite:///{database.path}" if database.path else database.engine.url,
        isolation_level="AUTOCOMMIT",
        connect_args=arguments,
    )
    with closing(engine.connect()) as connection:
        yield connection
    engine.dispose()


def _opened(look: Connection, alone: threading.Lock) -> int:
    with alone:
        return int(look.exec_driver_sql("SELECT count(*) FROM entries WHERE phase = 'opened'").scalar_one())


def _checked(home: House, scripter: Scripter) -> Scripter:
    def answer(request: Request) -> Script:
        number = re.search(rb"number (\d+)", request.body)
        if number is None or home.opened() <= home.before[int(number[1])]:
            home.early.append(request)
        return scripter(request)

    return answer


@contextmanager
def _backends(scripters: Mapping[str, Scripter]) -> Iterator[dict[str, ScriptedBackend]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(backend_in_thread()) for name in scripters}


async def went(
    home: House, *calls: Call, at: int = 0, cut: Cut = lambda _: None, under: AbstractContextManager[None] | None = None
) -> bool:
    """Makes the calls, `under` which they meet some trouble, and cuts them at this step; whether they came so far. Fails where
    they leave anything behind when the trouble is over.
    """
    loop, tasks = asyncio.get_running_loop(), list[asyncio.Task[None]]()
    steps = Steps(at, lambda: cut(tasks))
    with under or nullcontext():
        with counting(steps):
            tasks.extend(loop.create_task(call.made(home.inside.app)) for call in calls)
        await asyncio.wait(tasks, timeout=_PATIENCE_S)
    assert all(task.cancelled() or (task.done() and task.exception() is None) for task in tasks), (at, tasks)
    assert await steps.over(but="LeasedSlots") == [], at
    await home.at_rest()
    return steps.reached


async def asked(home: House, way: Way, *, stream: bool, under: AbstractContextManager[None] | None = None) -> Call:
    """A call that nobody cuts."""
    call = home.call(way, stream=stream)
    await went(home, call, under=under)
    return call
