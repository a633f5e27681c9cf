"""Outcomes of tests, for people: one line for each, and for a failure what was expected beside what was said."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from gateway.policy.rule_places import place_of
from gateway.policy.testing.compare import Difference
from gateway.policy.testing.reading import PlacedSuite
from gateway.policy.testing.run import Outcome
from gateway.printable import printable

_AROUND = 20


@dataclass(frozen=True, slots=True)
class Ran:
    """A suite and how its tests ended."""

    placed: PlacedSuite
    outcomes: tuple[Outcome, ...]

    @property
    def failures(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.passed)


def lines(ran: Ran, *, verbose: bool) -> Iterator[Text]:
    """The file, then its failures; `verbose`: every test."""
    count, policy = len(ran.outcomes), ran.placed.policy
    head = f"{ran.placed.path}: {count} {'test' if count == 1 else 'tests'} of {policy.path.name} ({policy.version})"
    yield Text(head, style="bold")
    for outcome in ran.outcomes:
        if outcome.passed and verbose:
            yield Text("  ok    ", style="green").append(printable(outcome.case.name), style="default")
        if not outcome.passed:
            yield from _failure(ran.placed, outcome)


def summary(all_ran: Sequence[Ran]) -> Text:
    """The last line."""
    total, failed = sum(len(ran.outcomes) for ran in all_ran), sum(len(ran.failures) for ran in all_ran)
    files = f"{len(all_ran)} file{'' if len(all_ran) == 1 else 's'}"
    if failed:
        return Text(f"{failed} failed, {total - failed} passed in {files}", style="bold red")
    return Text(f"{total} passed in {files}", style="bold green")


def why(placed: PlacedSuite, outcome: Outcome) -> str:
    """What policy said, and where in its file that stands."""
    decision = outcome.decision
    position = place_of(placed.policy, decision.rule)
    at = f" ({_shown(placed.policy.path)}:{position[0]}:{position[1]})" if position else ""
    return f"{'allowed' if decision.allow else 'denied'} by {decision.rule}{at}: {decision.reason}"


def difference_lines(difference: Difference) -> Iterator[str]:
    """One difference without colours."""
    yield ".".join(difference.path)
    yield f"  expected  {printable(difference.expected)}"
    yield f"  got       {printable(difference.got)}"
    at = _first_difference(difference.expected, difference.got)
    if at is not None:
        before, behind = difference.got[max(0, at - _AROUND) : at], difference.got[at : at + _AROUND]
        yield f"  from here {printable(before)}→{printable(behind)}"


def place(placed: PlacedSuite, outcome: Outcome) -> str:
    """file:line:column of a test, or of the first thing in it that is not as expected."""
    steps = ("expect", *outcome.differences[0].path) if outcome.differences else ()
    line, column = placed.place(outcome.number, *steps)
    return f"{placed.path}:{line}:{column}"


def _failure(placed: PlacedSuite, outcome: Outcome) -> Iterator[Text]:
    yield (
        Text("  FAIL  ", style="bold red")
        .append(f"{printable(outcome.case.name)}  ", style="default")
        .append(place(placed, outcome), style="dim")
    )
    for difference in outcome.differences:
        yield from _coloured(difference_lines(difference))
    yield Text(f"        {printable(why(placed, outcome))}", style="dim")


def _coloured(told: Iterable[str]) -> Iterator[Text]:
    styles = {"  expected": "green", "  got     ": "red", "  from her": "dim"}
    return (Text(f"        {line}", style=styles.get(line[:10], "bold")) for line in told)


def _first_difference(expected: str, got: str) -> int | None:
    """Where two long texts part; None where both are seen at a glance."""
    if max(len(expected), len(got)) < 4 * _AROUND:
        return None
    pairs = enumerate(zip(expected, got, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(expected), len(got)))


def _shown(path: Path) -> str:
    return os.path.normpath(path)
