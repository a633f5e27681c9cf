"""Keeps several worker processes at work: starts them, replaces those that die, and ends them all together.

The first one shows that it can be done; only then do the others start, so that a wrong setting is told once. Workers are new
processes and no forks: models have threads, which a fork would lose.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TypeAlias

_log = logging.getLogger(__name__)

Work: TypeAlias = Callable[[int, Connection], None]
"""What a worker does: its number, and where it says that it listens. Must be importable, for it is pickled."""

FIRST = 0
_LONGEST_PAUSE_S = 30.0
_WELL_S = 60.0
"""A worker that has lived so long did not die of its beginning: it is replaced at once."""
_HANGUP = getattr(signal, "SIGHUP", None)
_SIGNALS = [signal.SIGTERM, signal.SIGINT, *([_HANGUP] if _HANGUP else [])]


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    word: Connection
    began: float
    listens: bool = False


class Supervisor:
    """`grace_s`: how many seconds workers get to end before they are killed. `announce` is told once, when all listen."""

    def __init__(self, work: Work, count: int, *, announce: Callable[[], None], grace_s: float, pause_s: float = 1.0) -> None:
        self._work = work
        self._count = count
        self._announce: Callable[[], None] | None = announce
        self._grace_s = grace_s
        self._pause_s = pause_s
        self._workers: dict[int, _Worker] = {}
        self._due: dict[int, float] = {FIRST: 0.0}
        self._failures = dict.fromkeys(range(count), 0)
        self._proven = False
        self._ending = False
        self._status = 0

    def run(self) -> int:
        """Until it is told to end; the exit status. For a main thread, because signals come to no other."""
        with _signals() as told:
            while not self._ending:
                self._start_those_due()
                self._step(told)
            self._end_all()
        return self._status

    def _start_those_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, at in self._due.items() if at <= now]:
            del self._due[number]
            try:
                self._workers[number] = self._started(number)
            except OSError as error:  # no memory, or no more processes: likely just when a worker was killed for that
                if not self._proven:
                    raise
                self._due[number] = now + self._pause_after_failure(number)
                _log.error("worker %d cannot be started (%s)", number, error.strerror)

    def _started(self, number: int) -> _Worker:
        context = get_context("spawn")
        word, worker_end = context.Pipe(duplex=False)
        process = context.Process(target=self._work, args=(number, worker_end), name=f"gateway-worker-{number}")
        try:
            process.start()
        except OSError:
            word.close()
            raise
        finally:
            worker_end.close()
        return _Worker(process, word, time.monotonic())

    def _step(self, told: socket.socket) -> None:
        """Wait for whatever comes first: a signal, a word, a death, or the time to replace somebody."""
        workers = self._workers.values()
        news = [worker.process.sentinel if worker.listens else worker.word for worker in workers]  # a death ends the pipe
        pause = max(0.0, min(self._due.values()) - time.monotonic()) if self._due else None
        connection.wait([told, *news], pause)
        for number in _taken(told):
            self._hear(number)
        for number, worker in list(self._workers.items()):
            self._look_after(number, worker)

    def _hear(self, number: int) -> None:
        if number != _HANGUP:
            self._ending = True
            return
        for worker in self._workers.values():
            if worker.listens and worker.process.pid:  # one that starts reads everything anyway
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.process.pid, number)

    def _look_after(self, number: int, worker: _Worker) -> None:
        if not worker.listens and worker.word.poll():
            with contextlib.suppress(EOFError):
                worker.word.recv()
                worker.listens = True
                self._note_listening()
                return
            worker.process.join()
        if not worker.process.is_alive():
            self._bury(number, worker)

    def _note_listening(self) -> None:
        if not self._proven:
            self._proven = True
            self._due |= dict.fromkeys(range(1, self._count), 0.0)
        listening = [worker for worker in self._workers.values() if worker.listens]
        if self._announce and len(listening) == self._count:
            self._announce()
            self._announce = None

    def _bury(self, number: int, worker: _Worker) -> None:
        del self._workers[number]
        worker.word.close()
        if not self._proven:
            self._status, self._ending = worker.process.exitcode or 1, True
            return
        now = time.monotonic()
        if now - worker.began >= _WELL_S:
            self._failures[number], pause = 0, 0.0
        else:
            pause = self._pause_after_failure(number)
        self._due[number] = now + pause
        _log.error("worker %d ended (%s) and is replaced", number, worker.process.exitcode)

    def _pause_after_failure(self, number: int) -> float:
        self._failures[number] += 1
        return min(self._pause_s * 2.0 ** (self._failures[number] - 1), _LONGEST_PAUSE_S)

    def _end_all(self) -> None:
        """All at once, each finishing what it began."""
        for worker in self._workers.values():
            worker.process.terminate()
        deadline = time.monotonic() + self._grace_s
        for number, worker in self._workers.items():
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                _log.error("worker %d did not end in time and is killed", number)
                worker.process.kill()
                worker.process.join()


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """What signals came, as bytes of a socket: a handler of its own could interrupt anything."""
    heard, told = socket.socketpair()
    heard.setblocking(False)
    told.setblocking(False)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    woken = signal.set_wakeup_fd(heard.fileno(), warn_on_full_buffer=False)
    try:
        yield told
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        heard.close()
        told.close()


def _taken(told: socket.socket) -> bytes:
    with contextlib.suppress(BlockingIOError):
        return told.recv(64)
    return b""
