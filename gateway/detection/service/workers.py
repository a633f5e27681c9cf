"""A few threads that share their time fairly among tenants, for work that may be large or hang.

A job is a generator: each step that it takes is one turn of a thread, after which it queues again behind the other tenants.
So a request of a few words waits for a step of somebody else's large body and not for the body. A step cannot be
interrupted; steps that are long in themselves are kept away from one of the threads, and no tenant holds all threads.

`ThreadPoolExecutor` queues without bound, and joins its threads when the interpreter ends, so one hung call would keep
the process alive for ever. These threads are daemons, and a tenant with too much in hand is refused.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from gateway.detection.service.fair_queue import FairQueue
from gateway.detection.service.shares import Shares

T = TypeVar("T")

Steps: TypeAlias = Generator[int, None, T]
"""A job: before each step it yields how large that step will be, in a unit of the caller's; it returns the result."""


class RefusedError(Exception):
    """The tenant has too much in hand, or the workers are closed."""


@dataclass(eq=False, slots=True)
class _Job:
    future: Future[Any]
    steps: Steps[Any]
    tenant: str
    weight: int = 1
    begun: bool = False
    is_long: bool = False
    """Of the step that comes next, or is being taken."""

    def begin(self) -> bool:
        """Whether anybody still waits for the job; from its beginning on it cannot be cancelled."""
        self.begun = self.begun or self.future.set_running_or_notify_cancel()
        return self.begun

    def step(self) -> int | None:
        """Take a step; the size of the next, or None where that was the last."""
        try:
            return next(self.steps)
        except StopIteration as end:
            self.future.set_result(end.value)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits
            self.future.set_exception(error.with_traceback(None))  # its frames hold the text, and this very future
        return None


class Workers:
    """`threads` daemon threads. What a tenant has in hand, waiting and running, weighs at most `backlog`; but one job it may
    always have.

    `Shares` says how many threads a tenant holds at a time, and how many steps larger than `long_step` there may be. A step
    that hangs occupies its thread and nothing else.
    """

    def __init__(self, *, threads: int, backlog: int, name: str, long_step: int) -> None:
        self._backlog = backlog
        self._long_step = long_step
        self._in_hand: Counter[str] = Counter()
        self._short: FairQueue[_Job] = FairQueue()
        self._long: FairQueue[_Job] = FairQueue() if threads > 1 else self._short
        self._last = self._short
        self._shares = Shares(threads)
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, steps: Steps[T], *, tenant: str = "", weight: int = 1) -> Future[T]:
        """The future of the job's result. Raises RefusedError at once rather than wait for a place."""
        job = _Job(Future(), steps, tenant, weight)
        with self._changed:
            in_hand = self._in_hand[tenant]
            if self._closed or (in_hand and in_hand + weight > self._backlog):
                raise RefusedError
            self._in_hand[tenant] = in_hand + weight
        job.future.add_done_callback(lambda _: self._leave(job))
        self._queue(job, job.step())
        return job.future

    def close(self, *, grace_s: float = 1.0) -> None:
        """Take no more work, refuse what waits, give running steps `grace_s` seconds in all; leave a hung one behind."""
        with self._changed:
            self._closed = True
            waiting = [*self._short.clear(), *self._long.clear()]
            self._changed.notify_all()
        for job in waiting:
            _refuse(job)
        deadline = time.monotonic() + grace_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (job := self._taken()) is not None:
            size = job.step() if job.begin() else None
            self._queue(job, size, taken=True)
            del job  # or an idle thread would keep the last text alive

    def _taken(self) -> _Job | None:
        """The next job; None after the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._open() is not None)
            queue = None if self._closed else self._open()
            if queue is None:
                return None
            job = queue.pop(self._may(queue))
            self._shares.take(job.tenant, long=job.is_long)
            self._last = queue
            return job

    def _open(self) -> FairQueue[_Job] | None:
        """One in which somebody waits who may hold another thread; not the last one again, where both have such."""
        queues = (self._short, self._long) if self._last is self._long else (self._long, self._short)
        return next((queue for queue in queues if queue.has_turn(self._may(queue))), None)

    def _may(self, queue: FairQueue[_Job]) -> Callable[[str], bool]:
        long = queue is self._long
        return lambda tenant: self._shares.allow(tenant, long=long)

    def _queue(self, job: _Job, size: int | None, *, taken: bool = False) -> None:
        """Give back the thread of a job that was `taken`, and let it wait for its next step, if there is one."""
        with self._changed:
            if taken:
                self._shares.give_back(job.tenant, long=job.is_long)
            closed = self._closed
            if size is not None and not closed:
                job.is_long = size > self._long_step and self._long is not self._short
                (self._long if job.is_long else self._short).push(job.tenant, job)
            if self._short or self._long:
                self._changed.notify_all()  # not every thread takes every step
        if size is not None and closed:
            _refuse(job)

    def _leave(self, job: _Job) -> None:
        """A job is done with: finished, failed, or cancelled before it began. Its texts are let go of."""
        job.steps.close()
        with self._changed:
            self._in_hand[job.tenant] -= job.weight
            self._in_hand += Counter()  # forgets tenants that have nothing in hand
            self._short.discard(job.tenant, job)
            self._long.discard(job.tenant, job)


def _refuse(job: _Job) -> None:
    if job.begin():
        job.future.set_exception(RefusedError())
