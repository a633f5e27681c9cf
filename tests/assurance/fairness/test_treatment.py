"""Who is refused how often: groups that are large enough, and none that could be worked out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.assurance.evidence.document import Share, Table
from gateway.assurance.evidence.log_state import LogState
from gateway.assurance.fairness.treatment import FEWEST, By, Treatment, treatments
from gateway.assurance.fairness.treatment_report import treatment_report
from gateway.audit.entry_table import EntryTable
from gateway.audit.event import Asked, ExchangeRecord, Outcome
from gateway.audit.log import Entry, Phase
from gateway.cli.commands import cli
from gateway.exchange import Shadowed
from gateway.protocol.wire import Surface
from tests.assurance.evidence.drawn_from import SINCE, exchange
from tests.store.databases import sqlite_at


def many(number: int, refused: int = 0, **facts: Any) -> Iterator[ExchangeRecord]:
    for one in range(number):
        outcome = Outcome.DENIED if one < refused else Outcome.COMPLETED
        yield exchange(
            f"call_{one}", **{"outcome": outcome, "asked": Asked(found={"PERSON": 2}), "request_bytes": 500, **facts}
        )


def by(found: tuple[Treatment, ...], which: By) -> Treatment:
    return next(one for one in found if one.by is which)


def test_groups_are_told_apart_and_rates_are_right() -> None:
    found = treatments([*many(40, 10, team="desk", roles=("clerk", "lead")), *many(30, team="desk2"), *many(20, tenant="shop")])
    assert [(name, own.n, own.refused) for name, own in by(found, By.TENANT).groups] == [("bank", 70, 10), ("shop", 20, 0)]
    assert [name for name, _ in by(found, By.TEAM).groups] == ["bank/desk", "bank/desk2", "shop/-"]
    assert [name for name, _ in by(found, By.ROLE).groups] == ["bank/clerk", "bank/lead"]
    (_, desk), *_ = by(found, By.TEAM).groups
    assert desk.refusals.share == 0.25
    assert desk.density.value == 4.0
    assert desk.density.interval == pytest.approx((4.0, 4.0))


def test_few_are_not_shown_and_cannot_be_worked_out() -> None:
    found = treatments([*many(FEWEST - 1, tenant="tiny"), *many(FEWEST, tenant="shop"), *many(50)])
    assert [name for name, _ in by(found, By.TENANT).groups] == ["bank", "shop"]
    assert by(found, By.TENANT).hidden == 1
    mixed = treatments([*many(100), *many(30, surface=Surface.RESPONSES), *many(3, surface=Surface.EMBEDDINGS)])
    surfaces = by(mixed, By.SURFACE)
    assert [name for name, _ in surfaces.groups] == ["bank/chat/completions"], "133 less 100 and 30 would be the 3"
    assert surfaces.hidden == 2


def test_copies_strangers_and_open_ones_are_not_counted() -> None:
    odd = [exchange(tenant=None), exchange(shadow=Shadowed(of="call_1")), exchange(outcome=Outcome.INCOMPLETE)]
    found = treatments([*many(FEWEST), *odd * 30])
    assert [(name, own.n) for name, own in by(found, By.TENANT).groups] == [("bank", FEWEST)]


def test_the_report_compares_with_who_is_refused_least() -> None:
    log = LogState(entries=1, first_at=None, signed=None)
    document = treatment_report(treatments([*many(40, 20), *many(40, 0, tenant="shop")]), SINCE, log)
    table = next(block for block in document.chapters[0].blocks if isinstance(block, Table))
    assert [(row[0], row[2], row[4]) for row in table.rows] == [("bank", Share(0.5), 0.5), ("shop", Share(0.0), 1.0)]
    assert treatment_report(treatments([]), SINCE, log).chapters


def test_the_command_reads_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_DATABASE_URL", raising=False)
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database, closing(EntryTable(database)) as table:
        entries = [
            Entry(call_id=one.call_id, phase=Phase.COMPLETED, at=one.opened_at, body=one.to_json()) for one in many(25, 5)
        ]
        table.write(entries)
    words = ["assurance", "fairness", "--since", "2026-01-01", "--state-dir", str(tmp_path), "--json"]
    told = json.loads(CliRunner().invoke(cli, words).stdout)
    (row,) = told["chapters"][0]["blocks"][0]["rows"]
    assert (row["whose"], row["exchanges"], row["refusals"]) == ("bank", 25, 0.2)
