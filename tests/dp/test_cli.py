"""`gateway dp` from end to end, over the record of a real gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.cli.commands import cli
from gateway.moments import written
from tests.store.databases import sqlite_at
from tests.support.backend import backend_in_thread
from tests.support.gateway import running_gateway

POLICY = """\
version: 1
deployments:
  gpu: {{base_url: "{url}"}}
models:
  assistant: {{deployments: [gpu]}}
  other: {{deployments: [gpu]}}
  friendly: {{alias: assistant}}
tenants:
  acme:
    models: [assistant, other]
    principals: {{app: {{}}}}
  bank: {{principals: {{app: {{}}}}}}
"""
WHOSE = ["--tenant", "acme", "--data-set", "today"]


@dataclass(frozen=True)
class Recorded:
    policy: Path
    state: Path
    since: str
    until: str

    def run(self, command: str, *options: str) -> Result:
        policy = ["--policy", str(self.policy)] if command in ("declare", "report") else []
        return CliRunner().invoke(cli, ["dp", command, *options, *policy, "--state-dir", str(self.state)])

    def told(self, command: str, *options: str) -> Any:
        result = self.run(command, *options, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    def acts(self) -> list[Act]:
        """The oldest first."""
        with closing(sqlite_at(self.state / "audit.sqlite")) as database:
            return [row.act for row in read_acts(database, limit=1_000) if row.act.action.startswith("dp.")][::-1]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("dp")
    since = written(datetime.now(UTC) - timedelta(seconds=1))
    with backend_in_thread() as backend, running_gateway(folder, POLICY.format(url=backend.url)) as gateway:
        for _ in range(20):
            assert gateway.chat("My name is Anna Schmidt", model="assistant").status_code == 200
        gateway.records(20)
        until = written(datetime.now(UTC))
        sleep(0.002)
        yield Recorded(gateway.settings.policy, gateway.settings.state_dir, since, until)


@pytest.fixture(scope="module")
def recorded(served: Recorded) -> Recorded:
    time = ["--since", served.since, "--until", served.until, "--unit", "example", "--contributions", "1"]
    declared = served.run("declare", *WHOSE, *time, "--epsilon", "20", "--delta", "1e-6")
    assert declared.exit_code == 0, declared.output
    return served


def test_a_report_is_told_with_its_noise_and_its_cost(recorded: Recorded) -> None:
    told = recorded.told("report", *WHOSE, "--by", "model", "--epsilon", "8")
    rows = {row["group"]: row["value"] for row in told["rows"]}
    assert rows.keys() == {"assistant", "other", "(other)"}, "an alias is no model"
    assert abs(rows["assistant"] - 20) <= 6 * told["noise_scale"] + 1
    assert (rows["other"], told["repeated"], told["unit"]) == (None, False, "example")
    assert told["interval"] >= told["noise_scale"]
    assert told["spent"] == pytest.approx(told["epsilon"])
    again = recorded.told("report", *WHOSE, "--by", "model", "--epsilon", "8", "--fewest", "1000")
    assert (again["repeated"], again["release"], again["spent"]) == (True, told["release"], told["spent"])
    assert [row["value"] for row in again["rows"]] == [None] * 3


def test_in_words(recorded: Recorded) -> None:
    shown = recorded.run("report", *WHOSE, "--by", "entity", "--group", "PERSON", "--epsilon", "5").output
    for words in (
        "each example counts with at most 1 rows",
        "PERSON",
        "±",
        "discrete Gaussian",
        "of 20 is spent",
        "cost: epsilon",
    ):
        assert words in shown
    again = recorded.run("report", *WHOSE, "--by", "entity", "--group", "PERSON", "--epsilon", "5").output
    assert "cost: nothing" in again
    median = ["--figure", "quantile", "--of", "tokens", "--most", "10000", "--epsilon", "6"]
    assert "exponential mechanism" in recorded.run("report", *WHOSE, *median).output


def test_budgets_and_releases_are_listed(recorded: Recorded) -> None:
    recorded.run("report", *WHOSE, "--epsilon", "1")
    (budget,) = recorded.told("budgets")
    assert (budget["tenant"], budget["data_set"], budget["epsilon"]) == ("acme", "today", 20.0)
    assert 0 < budget["spent"] <= 20
    assert "salt" not in budget
    assert "today" in recorded.run("budgets").output
    releases = recorded.told("releases", *WHOSE)
    assert {one["state"] for one in releases} == {"settled"}
    assert releases[0]["asked"]["tenant"] == "acme"
    assert releases[0]["id"] in recorded.run("releases", *WHOSE).output
    assert recorded.told("budgets", "--tenant", "bank") == []


def test_what_is_refused_is_said_and_costs_nothing(recorded: Recorded) -> None:
    before = recorded.told("budgets")
    for options, words in (
        (["--tenant", "acme", "--data-set", "none", "--epsilon", "1"], "No budget was declared"),
        ([*WHOSE, "--epsilon", "0"], "epsilon is above 0"),
        ([*WHOSE, "--epsilon", "nan"], "epsilon is above 0"),
        ([*WHOSE, "--epsilon", "19.99", "--by", "model"], "does not allow this release"),
        ([*WHOSE, "--epsilon", "1", "--figure", "sum"], "of something"),
        ([*WHOSE, "--epsilon", "1", "--by", "purpose"], "1 to 500 groups"),
    ):
        refused = recorded.run("report", *options)
        assert refused.exit_code == 1
        assert words in refused.output
    mixed = recorded.run("report", "--tenant", "acme,bank", "--data-set", "today", "--epsilon", "1")
    assert (mixed.exit_code, "no such tenant" in mixed.output) == (2, True)
    assert recorded.told("budgets") == before


def test_absurd_declarations_are_refused(recorded: Recorded) -> None:
    plain = {"--since": "2020-01-01", "--until": "2020-02-01", "--epsilon": "1", "--delta": "1e-6", "--unit": "subject"}
    for changes, words in (
        ({"--delta": "1"}, "delta is above 0"),
        ({"--epsilon": "inf"}, "epsilon is above 0"),
        ({"--unit": "household"}, "unit is one of"),
        ({"--until": "2019-01-01"}, "empty"),
        ({"--until": "next week"}, "write a day"),
    ):
        options = [word for pair in (plain | changes).items() for word in pair]
        refused = recorded.run("declare", "--tenant", "acme", "--data-set", "new", *options)
        assert refused.exit_code != 0
        assert words in refused.output
    assert len(recorded.told("budgets")) == 1


def test_groups_that_cannot_be_told_apart_cost_nothing(recorded: Recorded) -> None:
    """By tenant there is one group, whatever is asked for: a name of another says nothing of whether anybody wrote."""
    before = recorded.told("budgets")
    for options, words in (
        (["--group", "assistant"], "name no groups"),
        (["--by", "model", "--group", "(other)"], "no names of groups"),
        (["--by", "model", "--group", "(all)"], "no names of groups"),
    ):
        refused = recorded.run("report", *WHOSE, "--epsilon", "0.5", *options)
        assert refused.exit_code != 0
        assert words in " ".join(refused.output.split())
    assert recorded.told("budgets") == before


def test_all_of_it_is_on_the_record(recorded: Recorded) -> None:
    recorded.run("report", *WHOSE, "--epsilon", "2")
    recorded.run("report", *WHOSE, "--epsilon", "19.98")
    acts = recorded.acts()
    assert (acts[0].action, acts[0].outcome, acts[0].tenant, acts[0].target) == ("dp.declare", "done", "acme", "today")
    assert acts[0].note is not None
    assert "epsilon 20, delta 1e-06" in acts[0].note
    assert (acts[-1].outcome, acts[-1].error_code) == ("failed", "privacy_budget_spent")
    done = [act for act in acts if act.action == "dp.report" and act.outcome == "done"]
    assert all(act.note is not None and "epsilon" in act.note for act in done)
