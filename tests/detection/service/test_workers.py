"""Threads that tenants share fairly: every wait is for an event, so the order is proven and not timed."""

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import pytest

from gateway.detection.service.workers import RefusedError, Steps, Workers

T = TypeVar("T")
LONG = 100


def once(call: Callable[[], T], size: int = 1) -> Steps[T]:
    """A job of one step."""
    yield size
    return call()


def workers(*, threads: int = 1, backlog: int = 8) -> Workers:
    return Workers(threads=threads, backlog=backlog, name="test", long_step=LONG)


class Gate:
    """A step that stops where it is until it is let go."""

    def __init__(self) -> None:
        self.entered, self.release = threading.Event(), threading.Event()

    def __call__(self) -> bool:
        self.entered.set()
        return self.release.wait(30)

    def held(self, pool: Workers, tenant: str = "gate", size: int = 1) -> Future[bool]:
        future = pool.submit(once(self, size), tenant=tenant)
        assert self.entered.wait(5)
        return future


def test_runs_and_returns_and_raises() -> None:
    pool = workers(threads=2)
    assert pool.submit(once(lambda: 41 + 1)).result(5) == 42
    failing = pool.submit(once(lambda: 1 // 0))
    with pytest.raises(ZeroDivisionError):
        failing.result(5)
    assert pool.submit(once(lambda: "still alive")).result(5) == "still alive"
    pool.close()


def test_a_job_without_steps_is_done_at_once() -> None:
    def nothing() -> Steps[str]:
        yield from ()
        return "nothing"

    pool = workers()
    gate = Gate()
    held = gate.held(pool)
    assert pool.submit(nothing()).result(0) == "nothing"
    gate.release.set()
    assert held.result(5)
    pool.close()


def test_tenants_take_turns_step_by_step() -> None:
    order: list[str] = []

    def steps(name: str, number: int) -> Steps[None]:
        for _ in range(number):
            yield 1
            order.append(name)

    pool = workers()
    gate = Gate()
    held = gate.held(pool)
    large = [pool.submit(steps("large", 5), tenant="a") for _ in range(3)]
    small = [pool.submit(steps("b", 1), tenant="b"), pool.submit(steps("c", 1), tenant="c")]
    gate.release.set()
    assert held.result(5)
    for future in [*large, *small]:
        future.result(5)
    assert order[:3] == ["large", "b", "c"]
    assert order[3:] == ["large"] * 14
    pool.close()


def test_a_small_job_waits_for_one_step_of_a_large_one_of_the_same_tenant() -> None:
    order: list[str] = []

    def steps(name: str, number: int) -> Steps[None]:
        for _ in range(number):
            yield 1
            order.append(name)

    pool = workers()
    gate = Gate()
    gate.held(pool)
    futures = [pool.submit(steps("large", 5), tenant="a"), pool.submit(steps("small", 1), tenant="a")]
    gate.release.set()
    for future in futures:
        future.result(5)
    assert order.index("small") == 1
    pool.close()


def test_long_steps_leave_a_thread_free() -> None:
    pool = workers(threads=3)
    gates = [Gate(), Gate()]
    for tenant, gate in zip("ab", gates, strict=True):
        gate.held(pool, tenant, size=LONG + 1)
    third = Gate()
    waiting = pool.submit(once(third, LONG + 1), tenant="other")
    assert [pool.submit(once(lambda n=n: n)).result(5) for n in range(3)] == [0, 1, 2]  # type: ignore[misc]
    assert not third.entered.is_set()
    for gate in [*gates, third]:
        gate.release.set()
    assert waiting.result(5)
    pool.close()


@pytest.mark.parametrize("threads", [2, 3, 4])
def test_a_tenant_that_hangs_leaves_a_thread_to_others(threads: int) -> None:
    pool = workers(threads=threads)
    gates = [Gate() for _ in range(threads - 1)]
    for gate in gates:
        gate.held(pool, "hangs")
    late = Gate()
    waiting = pool.submit(once(late), tenant="hangs")
    for size in (1, LONG + 1, 1):
        assert pool.submit(once(lambda: "done", size), tenant="other").result(5) == "done"
    assert not late.entered.is_set()
    gates[0].release.set()
    assert late.entered.wait(5)
    for gate in [*gates, late]:
        gate.release.set()
    assert waiting.result(5)
    pool.close()


def test_small_requests_of_a_tenant_do_not_wait_for_its_own_long_steps() -> None:
    pool = workers(threads=3)
    first, second = Gate(), Gate()
    first.held(pool, "t", size=LONG + 1)
    waiting = pool.submit(once(second, LONG + 1), tenant="t")
    assert [pool.submit(once(lambda n=n: n), tenant="t").result(5) for n in range(3)] == [0, 1, 2]  # type: ignore[misc]
    assert not second.entered.is_set()
    first.release.set()
    second.release.set()
    assert waiting.result(5)
    pool.close()


def test_short_and_long_steps_take_turns_on_the_last_thread() -> None:
    order: list[str] = []
    pool = workers(threads=2)
    hung, gate = Gate(), Gate()
    hung.held(pool, "hangs")
    gate.held(pool, "t")
    futures = [pool.submit(once(lambda: order.append("long"), LONG + 1), tenant=tenant) for tenant in "ab"]
    futures += [pool.submit(once(lambda: order.append("short")), tenant=tenant) for tenant in "cd"]
    gate.release.set()
    for future in futures:
        future.result(5)
    assert order == ["long", "short", "long", "short"]
    hung.release.set()
    pool.close()


def test_one_thread_takes_long_steps_as_well() -> None:
    pool = workers(threads=1)
    assert pool.submit(once(lambda: "long", LONG + 1)).result(5) == "long"
    pool.close()


def test_the_flood_of_a_tenant_is_refused_and_others_go_on() -> None:
    pool = workers(backlog=2)
    gate = Gate()
    held = gate.held(pool, "flood")
    waiting = pool.submit(once(lambda: "waited"), tenant="flood")
    with pytest.raises(RefusedError):
        pool.submit(once(lambda: None), tenant="flood")
    other = pool.submit(once(lambda: "other"), tenant="other")
    gate.release.set()
    assert (held.result(5), waiting.result(5), other.result(5)) == (True, "waited", "other")
    assert pool.submit(once(lambda: "again"), tenant="flood").result(5) == "again"
    pool.close()


def test_a_cancelled_job_is_not_run_and_its_place_is_free() -> None:
    pool = workers(backlog=2)
    gate, ran = Gate(), threading.Event()
    gate.held(pool, "t")
    for _ in range(5):
        assert pool.submit(once(ran.set), tenant="t").cancel()
    gate.release.set()
    pool.submit(once(lambda: None), tenant="t").result(5)
    assert not ran.is_set()
    pool.close()


def test_close_refuses_what_waits_and_leaves_a_hung_step_behind() -> None:
    def two(gate: Gate) -> Steps[str]:
        yield 1
        gate()
        yield 1
        return "never"

    pool = workers(threads=1)
    gate = Gate()
    running = pool.submit(two(gate))
    assert gate.entered.wait(5)
    waiting = pool.submit(once(lambda: None))
    pool.close(grace_s=0.05)
    for late in (waiting, running):
        gate.release.set()
        with pytest.raises(RefusedError):
            late.result(5)
    with pytest.raises(RefusedError):
        pool.submit(once(lambda: None))


@pytest.mark.parametrize("ending", ["done", "failed", "cancelled"])
def test_nothing_of_a_job_stays_behind(ending: str) -> None:
    class Text:
        pass

    def steps(text: Any) -> Steps[None]:
        yield 1
        if ending == "failed":
            raise ValueError
        del text

    pool = workers()
    gate = Gate()
    gate.held(pool)
    text = Text()
    gone = weakref.ref(text)
    future = pool.submit(steps(text))
    del text
    if ending == "cancelled":
        future.cancel()
    gate.release.set()
    pool.submit(once(lambda: None)).result(5)
    del future
    assert gone() is None
    pool.close()
