"""Work beside the exchanges is begun again after a fault, and nobody has to guess that there was one."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from gateway.assembly.beside import Beside, Task, Work
from gateway.errors import AuditUnavailable
from tests.support.backend import backend_in_thread
from tests.support.gateway import policy_text, running_gateway

SECRET = "what somebody wrote"


class Failing:
    """Fails in these ways, one after the other, and then goes on until it is cancelled."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.begun = 0
        self.goes_on = asyncio.Event()

    async def follow(self) -> None:
        self.begun += 1
        if self.errors:
            raise self.errors.pop(0)
        self.goes_on.set()
        await asyncio.Event().wait()


def beside(counted: Counter[tuple[Task, str]]) -> Beside:
    def count(task: Task, error: str) -> None:
        counted[task, error] += 1

    return Beside(count, first_pause_s=0.001, longest_pause_s=0.002)


async def test_a_fault_is_logged_by_type_counted_told_and_work_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    counted: Counter[tuple[Task, str]] = Counter()
    kept, work = beside(counted), Failing(KeyError(SECRET), KeyError(SECRET), AuditUnavailable("The record is away."))
    running = asyncio.create_task(kept.keep(Work(Task.ERASURES, work.follow)))
    async with asyncio.timeout(20):
        await work.goes_on.wait()
    assert (work.begun, kept.troubled) == (4, (Task.ERASURES,))
    assert counted == {(Task.ERASURES, "KeyError"): 2, (Task.ERASURES, "AuditUnavailable"): 1}
    ours = [record.getMessage() for record in caplog.records if record.name == "gateway.assembly.beside"]
    assert ours == [
        "background work fails, and is begun again: erasures: KeyError",
        "background work fails, and is begun again: erasures: The record is away.",
    ]
    assert "internal fault: KeyError at " in caplog.text
    assert SECRET not in caplog.text
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_work_that_goes_on_is_well_again(caplog: pytest.LogCaptureFixture) -> None:
    kept, work = beside(Counter()), Failing(KeyError(SECRET))
    running = asyncio.create_task(kept.keep(Work(Task.INDEX, work.follow, well_s=0.05)))
    with caplog.at_level(logging.WARNING, "gateway.assembly.beside"):
        async with asyncio.timeout(20):
            while work.begun < 2 or kept.troubled:
                await asyncio.sleep(0.01)
    assert caplog.records[-1].getMessage() == "background work goes on again: index"
    running.cancel()


async def test_what_it_waited_for_may_be_cancelled_without_an_end_of_the_work() -> None:
    counted: Counter[tuple[Task, str]] = Counter()
    kept, work = beside(counted), Failing(asyncio.CancelledError())
    running = asyncio.create_task(kept.keep(Work(Task.VAULT, work.follow)))
    async with asyncio.timeout(20):
        await work.goes_on.wait()
    assert (work.begun, counted) == (2, {(Task.VAULT, "CancelledError"): 1})
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_work_that_fails_when_it_is_to_end_ends() -> None:
    counted: Counter[tuple[Task, str]] = Counter()
    begun = asyncio.Event()

    async def clumsy() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            raise KeyError(SECRET)

    running = asyncio.create_task(beside(counted).keep(Work(Task.SIBLINGS, clumsy)))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(20):
            await running
    assert not counted


@pytest.mark.parametrize("faults", [0, 1])
async def test_where_there_is_nothing_to_do_it_ends(faults: int) -> None:
    left = [KeyError(SECRET)] * faults

    async def nothing() -> None:
        if left:
            raise left.pop()

    kept = beside(Counter())
    async with asyncio.timeout(20):
        await kept.keep(Work(Task.SIBLINGS, nothing))
    assert kept.troubled == ()


def test_a_whole_gateway_says_so_and_stays_ready(tmp_path: Path) -> None:
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url)) as gateway:
        database = sqlite3.connect(gateway.settings.audit_path)

        def told() -> str:
            answer = httpx.get(gateway.base_url.replace("/v1", "/readyz"))
            assert answer.status_code == 200
            detail: str = answer.json()["checks"]["background"]
            return detail

        assert told() == "ok"
        database.execute("ALTER TABLE erasures RENAME TO elsewhere")
        deadline = time.monotonic() + 20
        while told() == "ok" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert told() == "failing, and begun again: erasures; the log says why"
        database.execute("ALTER TABLE elsewhere RENAME TO erasures")
        assert gateway.say("hello") == "hello"
        database.close()
