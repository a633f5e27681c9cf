"""The way out: first the gateway is not ready any more, so that balancers look elsewhere; then nobody waits for a backend."""

from __future__ import annotations

from collections.abc import Callable


class Drain:
    """`end` is told once, when no more connections are taken."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._begun = False

    @property
    def begun(self) -> bool:
        """Whether the gateway is about to leave."""
        return self._begun

    def begin(self) -> None:
        self._begun = True

    def end(self) -> None:
        self._begun = True
        self._end()
