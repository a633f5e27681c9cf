"""Fills a page from the steps of a walk. Pure, but for what the given functions do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.explorer.index.row import Row
from gateway.explorer.index.windows import Step


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows in the direction of the walk; `more` where there is at least one behind them. `seen` is the `seq` up to which
    everything is on the page or does not belong there; None where nothing was looked at.
    """

    rows: tuple[Row, ...]
    seen: int | None
    more: bool = False


def gather(steps: Iterable[Step], limit: int, matches: Callable[[Row], bool]) -> Gathered:
    rows: list[Row] = []
    seen: int | None = None
    for step in steps:
        for row in filter(matches, step.rows):
            if len(rows) == limit:
                return Gathered(tuple(rows), rows[-1].seq, more=True)
            rows.append(row)
        seen = step.seen
    return Gathered(tuple(rows), seen)


@dataclass(slots=True)
class ContentMatch:
    """Whether a text stands in what is kept of an exchange. Counts what it opened, and what it could not read."""

    text: str
    texts: Callable[[Row], Sequence[str] | None] = field(repr=False)
    opened: int = 0
    unread: int = 0

    def __post_init__(self) -> None:
        self.text = self.text.casefold()

    def __call__(self, row: Row) -> bool:
        self.opened += 1
        found = self.texts(row)
        self.unread += found is None
        return found is not None and any(self.text in one.casefold() for one in found)

    def within(self, steps: Iterable[Step], most: int) -> Iterator[Step]:
        """The steps, until so many exchanges have been opened."""
        for step in steps:
            yield step
            if self.opened >= most:
                return
