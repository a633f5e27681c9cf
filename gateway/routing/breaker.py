"""A circuit breaker (M. Nygard, Release It!, 2007): who fails again and again is left alone, and then tried with one call.

::

    closed ──failures──▶ open ──time, or a passing probe──▶ half-open ──the trial succeeds──▶ closed
                          ▲                                     │
                          └─────────── the trial fails ─────────┘
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gateway.routing.window import Window


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerTerms:
    """Opens on `in_a_row` failures, or where of `least_calls` or more in the window the share `rate` failed.

    It stays open for `open_s` seconds, twice as long each time that the trial fails, `longest_s` at most; of these between a
    half and all, at random, so that several gateways do not come back at once.
    """

    in_a_row: int = 5
    rate: float = 0.5
    least_calls: int = 20
    open_s: float = 1.0
    longest_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Pass:
    """Under which state of the breaker a call was begun: what it says of an earlier one no longer counts."""

    turn: int
    trial: bool = False


class Breaker:
    """`draw` gives numbers in 0..1. Everything it is told of comes with the pass that `begin` gave."""

    def __init__(self, window: Window, clock: Callable[[], float], draw: Callable[[], float], terms: BreakerTerms) -> None:
        self._window = window
        self._clock = clock
        self._draw = draw
        self._terms = terms
        self._state = State.CLOSED
        self._pass = Pass(0)
        self._in_a_row = 0
        self._openings = 0
        self._until = 0.0
        self._trial_under_way = False
        self._cautious_until = 0.0

    @property
    def state(self) -> State:
        return self._state

    @property
    def admits(self) -> bool:
        """Whether a call may be begun: always, never, or one that tries."""
        if self._state is State.CLOSED:
            return True
        return not self._trial_under_way and (self._state is State.HALF_OPEN or self._clock() >= self._until)

    def begin(self) -> Pass:
        """A call begins, also one that is not admitted because there is nowhere else to go."""
        if self._state is State.CLOSED or not self.admits:
            return self._pass
        if self._state is State.OPEN:
            self._turn_to(State.HALF_OPEN)
        self._trial_under_way = True
        return Pass(self._pass.turn, trial=True)

    def succeeded(self, given: Pass) -> None:
        if given.turn != self._pass.turn:
            return
        self._in_a_row = 0
        if self._state is State.CLOSED:
            return
        self._openings = 0
        self._window.clear()
        self._turn_to(State.CLOSED)

    def failed(self, given: Pass) -> bool:
        """Whether this opened it."""
        if given.turn != self._pass.turn or self._state is State.OPEN:
            return False
        self._in_a_row += 1
        if self._state is State.CLOSED and not self._is_too_much():
            return False
        self._open()
        return True

    def gave_up(self, given: Pass) -> None:
        """The call ended and says nothing of the deployment: the client hung up, or another was quicker."""
        if given.trial and given.turn == self._pass.turn:
            self._trial_under_way = False

    def half_open(self) -> None:
        """A probe passed: no need to wait any longer with the trial. It never closes anything."""
        if self._state is State.OPEN:
            self._turn_to(State.HALF_OPEN)

    def caution(self) -> None:
        """Somebody else's breaker opened: here one call tries. Once in a while only, so that a hint that is sent again and
        again does not hold a deployment back. A single write to each field: it may come from another thread.
        """
        now = self._clock()
        if self._state is State.CLOSED and now >= self._cautious_until:
            self._cautious_until = now + self._terms.longest_s
            self._turn_to(State.HALF_OPEN)

    def _is_too_much(self) -> bool:
        if self._in_a_row >= self._terms.in_a_row:
            return True
        sums = self._window.sums()
        return sums.calls >= self._terms.least_calls and sums.failure_rate >= self._terms.rate

    def _open(self) -> None:
        full = min(self._terms.longest_s, self._terms.open_s * (1 << min(self._openings, 16)))
        self._until = self._clock() + full * (0.5 + self._draw() / 2)
        self._openings += 1
        self._turn_to(State.OPEN)

    def _turn_to(self, state: State) -> None:
        self._state = state
        self._trial_under_way = False
        self._in_a_row = 0
        self._pass = Pass(self._pass.turn + 1)
