from __future__ import annotations

from types import SimpleNamespace

import pytest

from gateway.in_step import next_look, pause_s


@pytest.mark.parametrize(
    ("now_s", "every_s", "pause"), [(10.0, 1.0, 1.0), (10.25, 1.0, 0.75), (10.5, 1.0, 0.5), (11.0, 2.0, 1.0), (2.5, 2.0, 1.5)]
)
def test_it_lasts_until_the_clock_shows_a_multiple(now_s: float, every_s: float, pause: float) -> None:
    assert pause_s(now_s, every_s) == pause
    assert (now_s + pause) % every_s == 0


@pytest.mark.parametrize("late_s", [0.625, 0.75, 0.875])
def test_who_is_late_rests_for_half_of_it_and_is_in_step_after_that(late_s: float) -> None:
    assert pause_s(10 + late_s, 1.0) == 0.5
    again = 10 + late_s + 0.5
    assert again + pause_s(again, 1.0) == 12


async def test_who_begins_at_different_times_is_woken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, due = iter((100.125, 100.375)), list[float]()

    class Loop:
        now = 0.0

        def time(self) -> float:
            self.now = next(clock)
            return self.now

    loop = Loop()

    async def slept(seconds: float) -> None:
        due.append(loop.now + seconds)

    monkeypatch.setattr("gateway.in_step.asyncio", SimpleNamespace(get_running_loop=lambda: loop, sleep=slept))
    await next_look(1.0)
    await next_look(1.0)
    assert due == [101.0, 101.0]
