"""Promise 6, wherever an exchange is cut: it is on the record once, and holds nothing any more when it has ended.

Every request here is made again and again, and cut the first time that anything of it waits, then the second, and so on.
"""

from __future__ import annotations

import asyncio
import gc
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest

from gateway.exchange import Principal
from gateway.obligations import LimitKind
from gateway.routing.breaker import State
from tests.limits.conftest import redis, shared_redis
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.inside import VALUE, Call, Inside, gateway_inside
from tests.support.script import Request, Script, Scripter, echo, error, text
from tests.support.shapes import echo_texts
from tests.support.steps import Steps, count_steps, counting

__all__ = ["redis", "shared_redis"]

POLICY = """\
version: 1
deployments:
  good: {{base_url: "{good}", connections: 2}}
  ill: {{base_url: "{ill}", connections: 2}}
  slow: {{base_url: "{slow}", connections: 2}}
  other: {{base_url: "{other}", connections: 2}}
models:
  plain: {{deployments: [good]}}
  failing: {{deployments: [ill, good]}}
  hedged: {{deployments: [slow, good], routing: {{hedge_after_s: 0.001}}}}
  copied: {{deployments: [good], routing: {{shadow: {{deployment: other, percent: 100}}}}}}
tenants:
  bare:
    models: [plain, failing, hedged, copied]
    reply: {{restore: true}}
    limits: {{requests: 1000000/day, tokens: 100000000/day, concurrent: 3}}
    principals: {{app: {{}}}}
  kept:
    models: [plain, copied]
    reply: {{restore: true}}
    limits: {{requests: 1000000/day, tokens: 100000000/day, concurrent: 3}}
    cache: {{share: tenant}}
    record: {{content: redacted}}
    pseudonyms: {{scope: conversation}}
    principals: {{app: {{}}}}
"""
"""Few connections, and few open at once: what is not given back is soon missed."""

TENANTS = ("bare", "kept")
_PATIENCE_S = 10.0

Cut = Callable[[Call, list[asyncio.Task[None]]], None]


def client_leaves(call: Call, _: list[asyncio.Task[None]]) -> None:
    call.leave()


def server_stops(_: Call, tasks: list[asyncio.Task[None]]) -> None:
    """Twice, as after a client that left: what is being given back must not be cut off."""
    loop, (task,) = asyncio.get_running_loop(), tasks
    task.cancel()
    loop.call_soon(lambda: loop.call_soon(task.cancel))


@dataclass
class House:
    """A gateway and its calls. `early` is what a backend heard of before the record did; `before`, how many exchanges were open
    or over when a question was made.
    """

    inside: Inside
    keys: dict[str, str]
    early: list[Request]
    calls: list[Call] = field(default_factory=list)
    opened: Callable[[], int] = field(repr=False, default=lambda: 0)
    before: dict[int, int] = field(default_factory=dict)

    def call(self, model: str, *, stream: bool, tenant: str) -> Call:
        """A question that nobody has asked before."""
        number = len(self.calls)
        self.before[number] = self.opened()
        said = f"Mail {VALUE} number {number}"
        body = {"model": model, "stream": stream, "temperature": 0, "messages": [{"role": "user", "content": said}]}
        self.calls.append(Call("chat/completions", self.keys[tenant], body))
        return self.calls[-1]

    async def at_rest(self) -> None:
        """Fails where something is held that the calls should have given back."""
        backends, caching = self.inside.parts.backends, self.inside.parts.caching
        for standing in backends.router.standings.known():
            assert (standing.open, standing.tokens) == (0, 0), standing.deployment
            assert standing.breaker.state is State.CLOSED or standing.deployment.id == "ill"
        assert (backends.router.waiting, backends.shadows.under_way) == (0, 0)
        assert not caching.flights._all
        standings = [self.inside.parts.standing(Principal(tenant=tenant, id="app")) for tenant in TENANTS]
        limits = [limit for one in standings if one for limit in one.terms.limits]
        concurrent = [limit for limit in limits if limit.kind is LimitKind.CONCURRENT]
        assert len(concurrent) == len(TENANTS)
        async with asyncio.timeout(_PATIENCE_S):
            while any(one.used for one in await self.inside.parts.limiter.state(concurrent)):
                await asyncio.sleep(0.005)  # a count on Redis is corrected behind the exchange's back


def assert_whole(call: Call) -> None:
    assert call.status == 200, call.body
    assert call.ended
    assert VALUE.encode() in call.body
    assert b'"error"' not in call.body


@asynccontextmanager
async def house(folder: Path, **settings: Any) -> AsyncIterator[House]:
    """Checks in the end that each call is on the record once, and that no backend heard of one that was not."""
    loop, unheard = asyncio.get_running_loop(), list[dict[str, Any]]()
    count_steps(loop)
    loop.set_exception_handler(lambda _, told: unheard.append(told))
    record = folder / "state" / "audit.sqlite"

    def opened() -> int:
        with closing(sqlite3.connect(f"{record.as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM entries WHERE phase = 'opened'").fetchone()[0])

    with _backends() as (urls, script):
        async with gateway_inside(folder, POLICY.format(**urls), **settings) as inside:
            made = House(inside, {tenant: inside.key(tenant) for tenant in TENANTS}, [], opened=opened)

            def checked(scripter: Scripter) -> Scripter:
                def answer(request: Request) -> Script:
                    number = re.search(rb"number (\d+)", request.body)
                    if number is None or opened() <= made.before[int(number[1])]:
                        made.early.append(request)
                    return scripter(request)

                return answer

            script(checked)
            yield made
            gc.collect()  # so that a failure nobody asked for is told
            await asyncio.sleep(0)
    assert (made.early, unheard) == ([], [])
    with closing(sqlite3.connect(record)) as connection:
        entries = Counter(connection.execute("SELECT call_id, phase FROM entries WHERE kind = 'exchange'").fetchall())
    completed = {call_id for call_id, phase in entries if phase == "completed"}
    assert {call_id for call_id, _ in entries} == completed
    assert set(entries.values()) == {1}
    assert sum(not call_id.endswith(".shadow") for call_id in completed) == sum(call.begun for call in made.calls)


@contextmanager
def _backends() -> Iterator[tuple[dict[str, str], Callable[[Callable[[Scripter], Scripter]], None]]]:
    scripters: dict[str, Scripter] = {
        "good": lambda request: text(request, *echo_texts(request.surface, request.json), size=24),
        "ill": lambda _: error(500),
        "slow": lambda request: text(request, "late").slow_head(5),
        "other": echo,
    }
    with ExitStack() as stack:
        backends: dict[str, ScriptedBackend] = {name: stack.enter_context(backend_in_thread()) for name in scripters}

        def script(checked: Callable[[Scripter], Scripter]) -> None:
            for name, backend in backends.items():
                backend.reply_with(checked(scripters[name]))

        yield {name: backend.url for name, backend in backends.items()}, script


async def went(home: House, *calls: Call, at: int, cut: Callable[[list[asyncio.Task[None]]], object]) -> bool:
    """Makes the calls, and cuts them at this step; whether they came so far. Fails where anything of them goes on."""
    loop, tasks = asyncio.get_running_loop(), list[asyncio.Task[None]]()
    steps = Steps(at, lambda: cut(tasks))
    with counting(steps):
        tasks.extend(loop.create_task(call.made(home.inside.app)) for call in calls)
    await asyncio.wait(tasks, timeout=_PATIENCE_S)
    assert all(task.cancelled() or (task.done() and task.exception() is None) for task in tasks), (at, tasks)
    assert await steps.over(but="LeasedSlots") == [], at
    await home.at_rest()
    return steps.reached


@pytest.mark.parametrize("kind", [client_leaves, server_stops])
async def test_an_exchange_that_is_cut_leaves_nothing_behind(kind: Cut, tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        ways = [("bare", "plain"), ("bare", "failing"), ("bare", "hedged"), ("bare", "copied"), ("kept", "copied")]
        for (tenant, model), stream in product(ways, (False, True)):
            for at in count(1):
                call = home.call(model, stream=stream, tenant=tenant)
                if not await went(home, call, at=at, cut=partial(kind, call)):
                    assert at > 5
                    assert_whole(call)
                    break


@pytest.mark.parametrize("store", ["memory", "redis"])
async def test_who_shares_an_answer_with_one_who_leaves_has_it_whole(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = {"redis_url": request.getfixturevalue("redis").url} if store == "redis" else {}
    async with house(tmp_path, **settings) as home:
        for leaves in (0, 1):
            for at in count(1):
                calls = [home.call("plain", stream=False, tenant="kept") for _ in range(2)]
                calls[1].sent = calls[0].sent
                reached = await went(home, *calls, at=at, cut=lambda tasks, one=leaves: tasks[one].cancel())  # type: ignore[misc]
                assert_whole(calls[1 - leaves])
                if not reached:
                    assert at > 5
                    break
