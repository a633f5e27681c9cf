"""What the page of privacy budgets shows, out of a real ledger: answers that were paid for, and nothing of other tenants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.dp.answer import Answer
from gateway.dp.budget import Budget, Unit
from gateway.dp.ledger import Ledger, Reserved
from gateway.dp.question import By, Figure, Question
from gateway.explorer.privacy.board import accounts
from gateway.explorer.rendering import Renderer
from gateway.store.database import Database
from tests.store.databases import sqlite_at

QUESTION = Question(by=By.MODEL, figure=Figure.COUNT, groups=("assistant", "rare"), epsilon=0.3)
ANSWER = Answer(
    sums={"assistant": 4_312, "rare": 3, "(other)": -2},
    scale=280.6,
    interval=551,
    rho=0.0025,
    epsilon=0.3,
    most=1,
    quantiles={},
)


def budget(tenant: str) -> Budget:
    return Budget(
        tenant=tenant,
        data_set="october",
        since="2026-10-01T00:00:00.000Z",
        until="2026-11-01T00:00:00.000Z",
        unit=Unit.SUBJECT,
        contributions=20,
        epsilon=1.0,
        delta=1e-6,
        salt=b"s" * 32,
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database:
        ledger = Ledger(database)
        for tenant in ("bank", "shop"):
            ledger.declare(budget(tenant), "test")
        settled = ledger.reserve(budget("bank"), QUESTION.asked(budget("bank")), 0.0025, "test")
        assert isinstance(settled, Reserved)
        ledger.settle(settled, ANSWER.to_json())
        assert isinstance(ledger.reserve(budget("bank"), '{"learnt":"sensitivity"}', 0.001, "test"), Reserved)
        yield database


def test_budgets_and_what_was_released(database: Database) -> None:
    (account,) = accounts(database, frozenset({"bank"}))
    assert account.spent is not None
    assert account.left == pytest.approx(1 - account.spent)
    assert 0.3 < account.spent < 0.5, "what is reserved counts"
    learnt, report = account.releases
    assert (learnt.what, learnt.release.state, learnt.rows) == ("sensitivity", "reserved", ())
    assert report.what == "count by model"
    assert [(row.group, row.value) for row in report.rows] == [("assistant", 4_312), ("rare", None), ("(other)", None)]
    assert (report.interval, report.scale) == (551, 280.6)


def test_whose_budgets_are_seen(database: Database) -> None:
    assert [one.budget.tenant for one in accounts(database, None)] == ["bank", "shop"]
    assert accounts(database, frozenset({"elsewhere"})) == ()


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    catalogues = Renderer().catalogues
    for catalogue in catalogues.values():
        for state in ("reserved", "settled", "released"):
            assert f"privacy.state.{state}" in catalogue.sentences
        assert {f"privacy.unit.{unit}" for unit in Unit} <= catalogue.sentences.keys()
