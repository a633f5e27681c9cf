"""Counts each time that a request waits for something, and does something to it at the one that a test names.

A request is more than one task: the cache, a hedge and a copy make their own. So what is counted is every suspension of any task
that the request has begun, itself among them, and a test that goes through all numbers has been everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any


class Steps:
    """`at` gives a number from 1 and what is done then, before whoever has just begun to wait is woken; 0: nothing is done."""

    def __init__(self, at: int = 0, do: Callable[[], object] = lambda: None) -> None:
        self.taken = 0
        self.tasks: list[asyncio.Task[Any]] = []
        self._at = at
        self._do = do

    @property
    def reached(self) -> bool:
        return self.taken >= self._at > 0

    def take(self) -> None:
        self.taken += 1
        if self.taken == self._at:
            self._do()

    async def over(self, *, but: str, within_s: float = 5.0) -> list[asyncio.Task[Any]]:
        """Waits until every task of the request has ended; those that have not. Nobody waits for those of a class `but`, whose
        tasks go on for many requests.
        """
        tasks = [task for task in self.tasks if but not in repr(task)]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)
        return [task for task in tasks if not task.done()]


class _Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose every suspension is a step."""

    def __init__(self, inner: Coroutine[Any, Any, Any], steps: Steps) -> None:
        self._inner = inner
        self._steps = steps
        self.__qualname__ = getattr(inner, "__qualname__", "")  # for whoever looks at the task

    def send(self, value: Any) -> Any:
        waits_for = self._inner.send(value)
        self._steps.take()
        return waits_for

    def throw(self, *error: Any) -> Any:
        waits_for = self._inner.throw(*error)
        self._steps.take()
        return waits_for

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise NotImplementedError("a task drives it")


_COUNTING: ContextVar[Steps | None] = ContextVar("_COUNTING", default=None)


def is_counted() -> bool:
    """Whether this is done for a request: also in a thread that one waits for, where it took the request's context along."""
    return _COUNTING.get() is not None


@contextmanager
def counting(steps: Steps) -> Iterator[None]:
    """Tasks that are begun in here, and those that they begin, are the request's."""
    token = _COUNTING.set(steps)
    try:
        yield
    finally:
        _COUNTING.reset(token)


def count_steps(loop: asyncio.AbstractEventLoop) -> None:
    """Have the loop count, where somebody does."""

    def made(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        steps = _COUNTING.get()
        task = asyncio.Task(work if steps is None else _Counted(work, steps), loop=loop, **options)
        if steps is not None:
            steps.tasks.append(task)
        return task

    loop.set_task_factory(made)
