from __future__ import annotations

from gateway.routing.window import Window
from tests.routing.fleet import Clock


def test_the_window_slides() -> None:
    clock = Clock()
    window = Window(clock, span_s=10)
    for failed in (True, False, False, False):
        window.ended(failed=failed)
        clock.passes(2)
    assert (window.sums().calls, window.sums().failure_rate) == (4, 0.25)
    clock.passes(2)
    assert (window.sums().calls, window.sums().failures) == (3, 0)
    clock.passes(100)
    assert window.sums().calls == 0


def test_waits_are_averaged() -> None:
    window = Window(Clock())
    assert window.sums().mean_s == 0
    window.waited(1.0)
    window.waited(2.0)
    assert window.sums().mean_s == 1.5
    window.clear()
    assert window.sums().timed == 0
