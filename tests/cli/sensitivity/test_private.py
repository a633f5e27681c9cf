"""What a classifier that is learnt within a budget leaves in the ledger when it stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cli.sensitivity.examples import Lesson, Line, bounded, redacted
from gateway.cli.sensitivity.private import learnt_privately, planned
from gateway.dp import accountant
from gateway.dp.budget import Budget, Unit
from gateway.dp.ledger import Ledger
from gateway.dp.noise import NoisySums
from gateway.errors import BudgetSpent, DetectionUnavailable, InvalidRequest
from gateway.sensitivity.weights import STARTER, read_weights
from tests.dp.records import a_budget
from tests.store.databases import sqlite_at

START = read_weights(STARTER)
LESSONS = [Lesson("zyklotron", frozenset({"hr"}), 0), Lesson("garden", frozenset(), 1)]


class Killed(BaseException):
    """As when the process dies."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database:
        made = Ledger(database)
        made.declare(a_budget(), "cli:test")
        yield made


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.jsonl"
    path.write_text("{}", encoding="utf-8")
    return path


def states(ledger: Ledger) -> list[str]:
    return [one.state for one in ledger.releases(a_budget())]


def test_who_dies_after_noise_was_drawn_has_spent(ledger: Ledger, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    right = NoisySums.release

    def dies(of: NoisySums, sums: Sequence[int]) -> list[int]:
        drawn.append(len(sums))
        if len(drawn) == 2:
            raise Killed
        return right(of, sums)

    monkeypatch.setattr(NoisySums, "release", dies)
    with pytest.raises(Killed):
        learnt_privately(ledger, a_budget(), 1.5, examples, lambda: LESSONS, START, "cli:test")
    assert states(ledger) == ["reserved"]
    with pytest.raises(BudgetSpent):
        learnt_privately(ledger, a_budget(), 1.5, examples, lambda: LESSONS, START, "cli:test")
    assert len(drawn) == 2


def test_texts_that_cannot_be_redacted_cost_nothing(ledger: Ledger, examples: Path) -> None:
    def fails() -> list[Lesson]:
        raise DetectionUnavailable("static")

    with pytest.raises(DetectionUnavailable):
        learnt_privately(ledger, a_budget(), 1.5, examples, fails, START, "cli:test")
    assert states(ledger) == ["released"]
    assert ledger.spent(a_budget()) == 0


@pytest.mark.parametrize("wanted", [0.5, 8.0])
def test_all_steps_together_cost_what_was_asked(wanted: float) -> None:
    cost = accountant.epsilon((planned(wanted, 1e-6).rho,), 1e-6)
    assert 0.99 * wanted < cost <= wanted


class Bench:
    def redacted(self, text: str, advance: object) -> str:
        return text


def lines(*who: str | None) -> list[Line]:
    return [Line(text=f"text {number}", subject=one) for number, one in enumerate(who)]


@pytest.mark.parametrize(
    ("unit", "units"), [(Unit.SUBJECT, [0, 0, 1]), (Unit.EXAMPLE, [0, 1, 2, 3])], ids=["subject", "example"]
)
def test_examples_know_whose_they_are(unit: Unit, units: list[int]) -> None:
    """With a bound of two the third text of one writer is left out, unless each text is a unit of its own."""
    budget: Budget = a_budget(unit=unit, contributions=2)
    kept = bounded(lines("ann", "ann", "ann", "bob"), budget)
    assert [one.unit for one in redacted(kept, Bench(), unit)] == units  # type: ignore[arg-type]  # a workbench takes seconds


def test_one_example_hides_nobody() -> None:
    with pytest.raises(InvalidRequest, match="One example alone"):
        bounded(lines(None), a_budget(unit=Unit.EXAMPLE))
