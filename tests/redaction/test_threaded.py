"""The asynchronous face: time-outs, a bounded queue, and a clean end whatever hangs."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Container

import pytest

from gateway.errors import DetectionUnavailable
from gateway.exchange import Finding
from gateway.redaction.threaded import ThreadedDetector


class Core:
    """A core that does what the test says, and counts."""

    def __init__(self, action: Callable[[], object] = lambda: None) -> None:
        self._action = action
        self.calls = 0

    def analyze(self, text: str, **_: object) -> tuple[Finding, ...]:
        self.calls += 1
        self._action()
        return (Finding(0, len(text), "X", 1.0, "core"),)


async def test_each_text_gets_its_own_findings() -> None:
    detector = ThreadedDetector(Core())
    found = await detector.detect(["a", "bcd", "ef"])
    assert [f[0].end for f in found] == [1, 3, 2]
    assert await detector.detect([]) == []
    detector.close()


async def test_a_core_that_raises() -> None:
    def fail() -> None:
        raise RuntimeError("quotes the secret text")

    detector = ThreadedDetector(Core(fail))
    with pytest.raises(DetectionUnavailable) as caught:
        await detector.detect(["secret text"])
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    detector.close()


async def test_a_core_that_hangs_times_out_and_then_turns_away() -> None:
    release = threading.Event()
    core = Core(lambda: release.wait(30))
    detector = ThreadedDetector(core, threads=1, timeout_s=0.1, backlog=2)
    for _ in range(2):
        with pytest.raises(DetectionUnavailable, match="too long"):
            await detector.detect(["a", "b"])
    first, second, third = (asyncio.ensure_future(detector.detect(["a"])) for _ in range(3))
    outcomes = await asyncio.gather(first, second, third, return_exceptions=True)
    assert all(isinstance(outcome, DetectionUnavailable) for outcome in outcomes)
    assert any("overloaded" in str(outcome) for outcome in outcomes)
    assert core.calls == 1
    release.set()
    detector.close()


async def test_it_recovers_when_the_hang_ends() -> None:
    release = threading.Event()
    detector = ThreadedDetector(Core(lambda: release.wait(30)), threads=1, timeout_s=5.0)
    slow = asyncio.ensure_future(detector.detect(["a"]))
    await asyncio.sleep(0)
    release.set()
    assert len(await slow) == 1
    assert len(await detector.detect(["b"])) == 1
    detector.close()


async def test_the_event_loop_goes_on_meanwhile() -> None:
    release = threading.Event()
    detector = ThreadedDetector(Core(lambda: release.wait(30)))
    waiting = asyncio.ensure_future(detector.detect(["a"]))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    release.set()
    assert len(await waiting) == 1
    detector.close()


async def test_a_cancelled_call_stops_between_texts() -> None:
    entered, release = threading.Event(), threading.Event()

    def step() -> None:
        entered.set()
        release.wait(30)

    core = Core(step)
    detector = ThreadedDetector(core, threads=1)
    call = asyncio.ensure_future(detector.detect(["a", "b", "c"]))
    await asyncio.to_thread(entered.wait, 5)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    release.set()
    detector.close()
    assert core.calls == 1


async def test_a_cancelled_call_stops_inside_a_text() -> None:
    class Stepping:
        def __init__(self) -> None:
            self.entered, self.release, self.stopped = threading.Event(), threading.Event(), threading.Event()

        def analyze(self, text: str, *, kept: Container[str], check: Callable[[], None], **_: object) -> tuple[Finding, ...]:
            check()
            self.entered.set()
            self.release.wait(30)
            try:
                check()
            except TimeoutError:
                self.stopped.set()
                raise
            return ()

    core = Stepping()
    detector = ThreadedDetector(core, threads=1)
    call = asyncio.ensure_future(detector.detect(["a"]))
    await asyncio.to_thread(core.entered.wait, 5)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    core.release.set()
    assert await asyncio.to_thread(core.stopped.wait, 5)
    detector.close()


async def test_the_core_is_told_what_is_kept() -> None:
    class Told:
        def analyze(self, text: str, *, kept: Container[str], check: Callable[[], None], **_: object) -> tuple[Finding, ...]:
            return (Finding(0, len(text), "URL", 1.0, "told"),) if "URL" in kept else ()

    detector = ThreadedDetector(Told())
    assert await detector.detect(["a"], kept=frozenset({"URL"})) == [(Finding(0, 1, "URL", 1.0, "told"),)]
    assert await detector.detect(["a"]) == [()]
    detector.close()


async def test_after_close_it_refuses() -> None:
    detector = ThreadedDetector(Core())
    detector.close()
    detector.close()
    with pytest.raises(DetectionUnavailable):
        await detector.detect(["a"])


_HANGING = """
import asyncio, threading
from gateway.errors import DetectionUnavailable
from gateway.redaction.threaded import ThreadedDetector

class Hanging:
    def analyze(self, text, **_):
        threading.Event().wait()

async def main():
    detector = ThreadedDetector(Hanging(), timeout_s=0.1)
    try:
        await detector.detect(["a"])
    except DetectionUnavailable:
        print("refused")
    detector.close()

asyncio.run(main())
"""


def test_a_hung_thread_does_not_keep_the_process_alive() -> None:
    done = subprocess.run([sys.executable, "-c", _HANGING], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "refused"), done.stderr
