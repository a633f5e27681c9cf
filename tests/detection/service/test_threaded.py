"""The asynchronous face: time-outs, bounded queues, turns, and a clean end whatever hangs."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Container

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.service.threaded import LEAST, STEP, InlineAnalyzer, ThreadedDetector, groups
from gateway.errors import DetectionUnavailable
from gateway.exchange import Finding
from gateway.rules.detection import DetectionRules


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
    detector = ThreadedDetector(core, threads=1, timeout_s=0.1, backlog=2 * LEAST)
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


class Gated:
    """A core that stops at texts that begin with `stop`, and notes what it has read."""

    def __init__(self) -> None:
        self.entered, self.release = threading.Event(), threading.Event()
        self.read: list[str] = []

    def analyze(self, text: str, **_: object) -> tuple[Finding, ...]:
        if text.startswith("stop"):
            self.entered.set()
            self.release.wait(30)
        self.read.append(text[:5])
        return ()


async def test_a_small_request_waits_for_one_step_of_a_large_one() -> None:
    core = Gated()
    detector = ThreadedDetector(core, threads=1)
    body = ["stop" + "x" * STEP, *("large" + "x" * STEP for _ in range(20))]
    large = asyncio.ensure_future(detector.detect(body, rules=DetectionRules(tenant="large")))
    await asyncio.to_thread(core.entered.wait, 5)
    small = [asyncio.ensure_future(detector.detect(["small"], rules=DetectionRules(tenant=name))) for name in "abc"]
    await asyncio.sleep(0)
    core.release.set()
    await asyncio.gather(*small)
    assert len(await large) == 21
    assert core.read[:4] == ["stopx", "small", "small", "small"]
    detector.close()


async def test_huge_texts_leave_a_thread_to_others() -> None:
    core = Gated()
    detector = ThreadedDetector(core, threads=2)
    huge = [
        asyncio.ensure_future(detector.detect(["stop" + "x" * STEP], rules=DetectionRules(tenant=tenant)))
        for tenant in ("a", "b", "c")
    ]
    await asyncio.to_thread(core.entered.wait, 5)
    for _ in range(3):
        assert await detector.detect(["small"], rules=DetectionRules(tenant="d")) == [()]
    assert core.read == ["small"] * 3
    core.release.set()
    await asyncio.gather(*huge)
    detector.close()


async def test_the_flood_of_a_tenant_is_refused_for_now_and_others_go_on() -> None:
    core = Gated()
    detector = ThreadedDetector(core, threads=2, backlog=3 * (STEP + 4))
    flood = [asyncio.ensure_future(detector.detect(["stop" + "x" * STEP], rules=DetectionRules(tenant="f"))) for _ in range(9)]
    await asyncio.to_thread(core.entered.wait, 5)
    assert await detector.detect(["other"], rules=DetectionRules(tenant="o")) == [()]
    core.release.set()
    outcomes = await asyncio.gather(*flood, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, DetectionUnavailable)]
    assert (outcomes.count([()]), len(refused)) == (3, 6)
    assert {(error.status, error.retry_after) for error in refused} == {(503, 1)}
    detector.close()


async def test_calls_of_one_tenant_that_hang_stop_nobody_else() -> None:
    core = Gated()
    detector = ThreadedDetector(core)
    hung = [asyncio.ensure_future(detector.detect(["stop"], rules=DetectionRules(tenant="h"))) for _ in range(5)]
    await asyncio.to_thread(core.entered.wait, 5)
    for text in ("small", "x" * (STEP + 1), "small"):
        assert await detector.detect([text], rules=DetectionRules(tenant="o")) == [()]
    assert not any(call.done() for call in hung)
    core.release.set()
    assert await asyncio.gather(*hung) == [[()]] * 5
    detector.close()


class Vouching(Core):
    """A core that may run on the event loop, up to ten code points, for all tenants but one."""

    def __init__(self, action: Callable[[], object] = lambda: None) -> None:
        super().__init__(action)
        self.threads: list[int] = []

    def inline_characters(self, rules: DetectionRules) -> int:
        return 0 if rules.tenant == "plugged" else 10

    def analyze(self, text: str, **_: object) -> tuple[Finding, ...]:
        self.threads.append(threading.get_ident())
        return super().analyze(text)


async def test_a_few_words_are_read_at_once_where_the_core_vouches_for_itself() -> None:
    core = Vouching()
    detector = ThreadedDetector(core)
    here = threading.get_ident()
    assert isinstance(core, InlineAnalyzer)
    assert not isinstance(Core(), InlineAnalyzer)
    assert [f[0].end for f in await detector.detect(["12345", "67890"])] == [5, 5]
    assert core.threads == [here, here]
    await detector.detect(["12345", "678901"])
    await detector.detect(["1"], rules=DetectionRules(tenant="plugged"))
    assert len(core.threads) == 5
    assert here not in core.threads[2:]
    detector.close()


async def test_what_fails_at_once_fails_as_typed() -> None:
    def fail() -> None:
        raise RuntimeError("quotes the secret text")

    detector = ThreadedDetector(Vouching(fail))
    with pytest.raises(DetectionUnavailable) as caught:
        await detector.detect(["secret"])
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    detector.close()


@given(st.lists(st.text("x", max_size=12), max_size=20))
def test_groups_are_bounded_and_keep_the_order(texts: list[str]) -> None:
    made = list(groups(texts, 10))
    assert [text for group in made for text in group] == texts
    assert all(len(group) == 1 or sum(map(len, group)) <= 10 for group in made if texts)
    assert all(sum(map(len, [*one, other[0]])) > 10 for one, other in zip(made, made[1:], strict=False))


_HANGING = """
import asyncio, threading
from gateway.errors import DetectionUnavailable
from gateway.detection.service.threaded import ThreadedDetector

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


async def test_a_burst_of_short_texts_waits() -> None:
    core = Gated()
    detector = ThreadedDetector(core, threads=2)
    burst = [asyncio.ensure_future(detector.detect(["stop"], rules=DetectionRules(tenant="b"))) for _ in range(1_000)]
    await asyncio.to_thread(core.entered.wait, 5)
    assert await detector.detect(["other"], rules=DetectionRules(tenant="o")) == [()]
    core.release.set()
    assert await asyncio.gather(*burst) == [[()]] * 1_000
    detector.close()


async def test_a_call_that_is_larger_than_the_backlog_is_read_where_it_is_alone() -> None:
    detector = ThreadedDetector(Core(), threads=2, backlog=LEAST)
    assert len(await detector.detect(["x" * 2 * LEAST])) == 1
    detector.close()
