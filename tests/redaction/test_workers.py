import threading
from concurrent.futures import CancelledError

import pytest

from gateway.redaction.workers import RefusedError, Workers


def test_runs_and_returns_and_raises() -> None:
    workers = Workers(threads=2, backlog=4, name="test")
    assert workers.submit(lambda: 41 + 1).result(5) == 42
    failing = workers.submit(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failing.result(5)
    assert workers.submit(lambda: "still alive").result(5) == "still alive"
    workers.close()


def test_a_full_queue_refuses_and_close_cancels_what_waits() -> None:
    workers = Workers(threads=1, backlog=1, name="test")
    started, release = threading.Event(), threading.Event()

    def hang() -> bool:
        started.set()
        return release.wait(30)

    running = workers.submit(hang)
    assert started.wait(5)
    waiting = workers.submit(lambda: None)
    with pytest.raises(RefusedError):
        workers.submit(lambda: None)
    workers.close(grace_s=0.05)
    with pytest.raises(CancelledError):
        waiting.result(5)
    with pytest.raises(RefusedError):
        workers.submit(lambda: None)
    release.set()
    assert running.result(5) is True


def test_a_cancelled_job_is_not_run() -> None:
    workers = Workers(threads=1, backlog=2, name="test")
    started, release, ran = threading.Event(), threading.Event(), threading.Event()

    def hang() -> None:
        started.set()
        release.wait(30)

    workers.submit(hang)
    assert started.wait(5)
    assert workers.submit(ran.set).cancel()
    release.set()
    workers.submit(lambda: None).result(5)
    assert not ran.is_set()
    workers.close()
