"""A few threads with a short queue, for work that may hang.

`ThreadPoolExecutor` queues without bound, and joins its threads when the interpreter ends, so one hung call would keep
the process alive for ever. These threads are daemons, and a full queue refuses.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class RefusedError(Exception):
    """The queue is full or the workers are closed."""


class Workers:
    """`threads` daemon threads behind a queue of `backlog` jobs. A hung job occupies its thread and nothing else."""

    def __init__(self, *, threads: int, backlog: int, name: str) -> None:
        self._backlog = backlog
        self._jobs: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """The future of `call()`. Raises RefusedError at once rather than wait for a place."""
        future: Future[T] = Future()
        with self._changed:
            if self._closed or len(self._jobs) >= self._backlog:
                raise RefusedError
            self._jobs.append((future, call))
            self._changed.notify()
        return future

    def close(self, *, grace_s: float = 1.0) -> None:
        """Take no more work, cancel what waits, give running jobs `grace_s` seconds in all; leave a hung one behind."""
        with self._changed:
            self._closed = True
            waiting = [future for future, _ in self._jobs]
            self._jobs.clear()
            self._changed.notify_all()
        for future in waiting:
            future.cancel()
        deadline = time.monotonic() + grace_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closed)
                if self._closed:
                    return
                future, call = self._jobs.popleft()
            _fulfil(future, call)
            del future, call  # or an idle thread would keep the last text alive


def _fulfil(future: Future[T], call: Callable[[], T]) -> None:
    """Run `call` unless nobody waits for it any more."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits
        future.set_exception(error)
    else:
        future.set_result(result)
