"""When a deployment is left alone, and how it comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.breaker import Breaker, BreakerTerms, Pass, State
from gateway.routing.window import Window
from tests.routing.fleet import Clock, half

TERMS = BreakerTerms(in_a_row=3, rate=0.5, least_calls=10, open_s=4, longest_s=16)


class Case:
    def __init__(self) -> None:
        self.clock = Clock()
        self.window = Window(self.clock)
        self.breaker = Breaker(self.window, self.clock, half, TERMS)

    @property
    def state(self) -> str:
        return str(self.breaker.state)

    def call(self, *, well: bool) -> None:
        given = self.breaker.begin()
        self.window.ended(failed=not well)
        if well:
            self.breaker.succeeded(given)
        else:
            self.breaker.failed(given)

    def calls(self, pattern: str) -> Case:
        for one in pattern:
            self.call(well=one == ".")
        return self


@pytest.mark.parametrize(("pattern", "state"), [("xx", "closed"), ("xx.xx", "closed"), ("xxx", "open"), ("..xxx", "open")])
def test_failures_in_a_row_open_it(pattern: str, state: str) -> None:
    assert Case().calls(pattern).state == state


def test_a_share_of_failures_opens_it_only_when_there_were_enough_calls() -> None:
    assert Case().calls("x.x.x.x.").state == State.CLOSED
    assert Case().calls("x.x.x.x.x.x").state == State.OPEN


def test_what_is_long_past_does_not_count() -> None:
    case = Case().calls("x.x.x.x.")
    case.clock.passes(60)
    assert case.calls("x.x.").state == State.CLOSED


def test_one_trial_at_a_time_and_its_success_closes() -> None:
    case = Case().calls("xxx")
    seen = [case.breaker.admits]
    case.clock.passes(3.1)  # three quarters of four seconds: the jitter is a half
    seen.append(case.breaker.admits)
    assert seen == [False, True]
    trial = case.breaker.begin()
    assert (trial.trial, case.breaker.admits, case.breaker.state) == (True, False, State.HALF_OPEN)
    case.breaker.succeeded(trial)
    assert case.state == State.CLOSED


def test_each_failed_trial_doubles_the_time_up_to_the_longest() -> None:
    case = Case().calls("xxx")
    for open_s in (3.0, 6.0, 12.0, 12.0):
        case.clock.passes(open_s - 0.1)
        assert not case.breaker.admits
        case.clock.passes(0.2)
        case.call(well=False)
    assert case.state == State.OPEN


def test_a_trial_that_says_nothing_makes_room_for_another() -> None:
    case = Case().calls("xxx")
    case.clock.passes(4)
    case.breaker.gave_up(case.breaker.begin())
    assert case.breaker.begin().trial


def test_who_began_before_it_opened_has_no_say() -> None:
    case = Case()
    early = case.breaker.begin()
    case.calls("xxx")
    case.breaker.succeeded(early)
    assert case.state == State.OPEN
    assert not case.breaker.failed(early)


def test_a_call_that_had_nowhere_else_to_go_closes_it_when_it_succeeds() -> None:
    case = Case().calls("xxx")
    case.call(well=True)
    assert case.state == State.CLOSED


def test_a_passing_probe_brings_the_trial_forward_and_closes_nothing() -> None:
    case = Case().calls("xxx")
    case.breaker.half_open()
    assert (case.breaker.state, case.breaker.admits) == (State.HALF_OPEN, True)


def test_a_hint_makes_it_cautious_once_in_a_while_and_never_closes() -> None:
    case = Case()
    case.breaker.caution()
    assert case.state == State.HALF_OPEN
    case.call(well=True)
    case.breaker.caution()  # sent again and again
    assert case.state == State.CLOSED
    case.calls("xxx").breaker.caution()
    assert case.state == State.OPEN


@given(st.lists(st.sampled_from(["begin", "well", "ill", "nothing", "probe", "hint", "later"]), max_size=60))
def test_however_it_is_used_there_is_one_trial_and_it_comes_back(steps: list[str]) -> None:
    case, under_way = Case(), list[Pass]()
    for step in steps:
        if step == "begin":
            under_way.append(case.breaker.begin())
        elif step in ("well", "ill", "nothing") and under_way:
            done = {"well": case.breaker.succeeded, "ill": case.breaker.failed, "nothing": case.breaker.gave_up}[step]
            done(under_way.pop(0))
        elif step in ("probe", "hint"):
            (case.breaker.half_open if step == "probe" else case.breaker.caution)()
        elif step == "later":
            case.clock.passes(1)
        turn = max((given.turn for given in under_way), default=-1)
        assert sum(given.trial and given.turn == turn for given in under_way) <= 1
    for given_up in under_way:
        case.breaker.gave_up(given_up)
    case.clock.passes(TERMS.longest_s)
    assert case.breaker.admits
