"""What a deployment did lately: calls, failures and times to the first byte, over a window that slides in slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_SLICES = 5


@dataclass(slots=True)
class Sums:
    """Added up. `waited_s` is the time to the first byte of the `timed` calls, together."""

    calls: int = 0
    failures: int = 0
    timed: int = 0
    waited_s: float = 0.0

    @property
    def failure_rate(self) -> float:
        return self.failures / self.calls if self.calls else 0.0

    @property
    def mean_s(self) -> float:
        """The mean time to the first byte, in seconds."""
        return self.waited_s / self.timed if self.timed else 0.0


class Window:
    """Counts in slices of a fifth of `span_s` seconds; what is older than the span is forgotten a slice at a time."""

    def __init__(self, clock: Callable[[], float], span_s: float = 30.0) -> None:
        self._clock = clock
        self._slice_s = span_s / _SLICES
        self._slices = [Sums() for _ in range(_SLICES)]
        self._number = int(clock() / self._slice_s)

    def ended(self, *, failed: bool) -> None:
        """A call has its result."""
        now = self._now()
        now.calls += 1
        now.failures += failed

    def waited(self, seconds: float) -> None:
        """So long it took until the first byte, or until nobody wanted to wait any longer."""
        now = self._now()
        now.timed += 1
        now.waited_s += seconds

    def sums(self) -> Sums:
        """Of the whole window, up to now."""
        self._now()
        each = self._slices
        return Sums(
            sum(one.calls for one in each),
            sum(one.failures for one in each),
            sum(one.timed for one in each),
            sum(one.waited_s for one in each),
        )

    def clear(self) -> None:
        self._slices = [Sums() for _ in range(_SLICES)]

    def _now(self) -> Sums:
        number = int(self._clock() / self._slice_s)
        if number != self._number:
            for passed in range(self._number + 1, min(number, self._number + _SLICES) + 1):
                self._slices[passed % _SLICES] = Sums()
            if number - self._number > _SLICES:
                self.clear()
            self._number = number
        return self._slices[number % _SLICES]
