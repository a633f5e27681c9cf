"""Workers that are cheap, under the real supervisor, with real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60.0


@contextmanager
def supervised(folder: Path, count: int = 2) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.support.supervised", str(folder), str(count)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def pid(folder: Path, number: int) -> int:
    return int((folder / str(number)).read_text().split()[0])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_that_dies_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    with supervised(tmp_path):
        until((tmp_path / "all").exists)
        first, second = pid(tmp_path, 0), pid(tmp_path, 1)
        os.kill(first, signal.SIGKILL)
        until(lambda: pid(tmp_path, 0) != first)
        assert pid(tmp_path, 1) == second
        assert alive(second)


def test_a_hangup_is_passed_on_and_the_end_is_everybodys(tmp_path: Path) -> None:
    with supervised(tmp_path) as process:
        until((tmp_path / "all").exists)
        process.send_signal(signal.SIGHUP)
        until(lambda: all("hangup" in (tmp_path / number).read_text() for number in "01"))
        workers = [pid(tmp_path, 0), pid(tmp_path, 1)]
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
        assert not any(alive(one) for one in workers)


def test_what_cannot_begin_is_told_once(tmp_path: Path) -> None:
    """A wrong setting: the first worker dies of it, and no other is started."""
    (tmp_path / "broken").write_text("0")
    with supervised(tmp_path, 3) as process:
        assert process.wait(PATIENCE_S) == 7
    assert (tmp_path / "starts").read_text() == "0\n"
    assert not (tmp_path / "all").exists()


def test_one_that_keeps_dying_takes_nobody_along(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("1")
    with supervised(tmp_path) as process:
        until(lambda: (tmp_path / "starts").exists() and (tmp_path / "starts").read_text().count("1") >= 3)
        assert process.poll() is None
        assert alive(pid(tmp_path, 0))
        (tmp_path / "broken").unlink()
        until((tmp_path / "all").exists)


def test_one_that_does_not_end_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, 1) as process:
        until((tmp_path / "all").exists)
        worker = pid(tmp_path, 0)
        (tmp_path / "stubborn").touch()
        os.kill(worker, signal.SIGHUP)
        until(lambda: (tmp_path / "0").read_text() == "stubborn")
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
        assert not alive(worker)


def test_one_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    with supervised(tmp_path) as process:
        until((tmp_path / "all").exists)
        first, second = pid(tmp_path, 0), pid(tmp_path, 1)
        (tmp_path / "full").touch()
        os.kill(first, signal.SIGKILL)
        until(lambda: (tmp_path / "full").read_text().count("tried") >= 3)
        assert process.poll() is None
        assert alive(second)
        (tmp_path / "full").unlink()
        until(lambda: pid(tmp_path, 0) != first)


def test_a_machine_that_lets_nothing_start_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "full").touch()
    with supervised(tmp_path) as process:
        assert process.wait(PATIENCE_S) == 1
    assert (tmp_path / "full").read_text() == "tried\n"
