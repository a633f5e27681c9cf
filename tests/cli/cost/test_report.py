"""The report on cost, out of the record of a real gateway."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.commands import cli
from tests.support.backend import backend_in_thread
from tests.support.gateway import running_gateway

POLICY = """\
version: 1
deployments:
  gpu: {{base_url: "{url}", price_per_hour: 1.5, concurrent: 8, timeouts: {{connect_s: 2}}}}
  idle: {{base_url: "{url}", price_per_hour: 9}}
models:
  assistant: {{deployments: [gpu], price: {{input: 1, output: 2}}, compares_to: gpt-6 luna}}
  other: {{deployments: [gpu], compares_to: No Such Model}}
tenants:
  acme:
    models: [assistant, other]
    principals: {{app: {{}}}}
"""


@dataclass(frozen=True)
class Recorded:
    policy: Path
    state: Path

    def report(self, *options: str) -> Result:
        where = ["--policy", str(self.policy), "--state-dir", str(self.state)]
        return CliRunner().invoke(cli, ["cost", "report", *where, *options])

    def told(self, *options: str) -> dict[str, Any]:
        result = self.report("--json", *options)
        assert result.exit_code == 0, result.output
        told: dict[str, Any] = json.loads(result.output)
        return told


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("cost")
    with backend_in_thread() as backend, running_gateway(folder, POLICY.format(url=backend.url)) as gateway:
        for _ in range(3):
            assert gateway.chat("one two three four", model="assistant").status_code == 200
        gateway.chat("hi", model="unknown")
        gateway.records(4)
        yield Recorded(gateway.settings.policy, gateway.settings.state_dir)


def test_it_says_what_was_used_and_what_it_cost(recorded: Recorded) -> None:
    told = recorded.told()
    (row,) = told["rows"]
    (gpu, idle) = told["deployments"]
    assert (row["model"], row["requests"]) == ("assistant", 3)
    assert row["input_tokens"] > 0
    assert row["own"] == pytest.approx(gpu["cost"])
    assert row["spend"] == pytest.approx((row["input_tokens"] + 2 * row["output_tokens"]) / 1e6)
    assert row["public"] == pytest.approx((row["input_tokens"] * 0.1 + row["output_tokens"] * 0.5) / 1e6)
    assert gpu["cost"] == pytest.approx(1.5 * gpu["hours"])
    rounding = 0.00005 / gpu["hours"] / 8  # of `busy_hours`, which has four places
    assert gpu["utilisation"] == pytest.approx(gpu["busy_hours"] / gpu["hours"] / 8, abs=rounding)
    assert gpu["self_hosting_is"] == "dearer"
    assert (idle["hours"], idle["cost"], told["not_on_the_list"]) == (None, None, ["No Such Model"])


def test_in_words_it_answers_the_question_and_says_what_is_missing(recorded: Recorded) -> None:
    shown = recorded.report("--by", "tenant").output
    for words in (
        "acme",
        "gpu: dearer than the public API at this load",
        "missing: idle was never called",
        "missing: No Such Model is not on the price list",
        "public prices are in USD",
        "not in it: energy",
    ):
        assert words in shown
    assert "unknown" not in shown


def test_rows_as_csv_are_the_same(recorded: Recorded) -> None:
    lines = list(csv.DictReader(io.StringIO(recorded.report("--csv", "--by", "deployment").output)))
    assert [(line["deployment"], line["requests"]) for line in lines] == [("gpu", "3")]


def test_a_rate_between_the_currencies_is_taken(recorded: Recorded) -> None:
    one, seven = (recorded.told("--rate", rate)["rows"][0]["public"] for rate in ("1", "7"))
    assert seven == pytest.approx(7 * one)


def test_a_time_without_exchanges_has_no_rows(recorded: Recorded) -> None:
    told = recorded.told("--since", "2020-01-01", "--until", "2020-02-01")
    assert (told["rows"], told["deployments"][0]["hours"]) == ([], 0.0)


@pytest.mark.parametrize(
    "options",
    [
        ("--month", "2026"),
        ("--month", "2026-11", "--since", "2026-11-01"),
        ("--since", "2026-11-02", "--until", "2026-11-01"),
        ("--month", "2999-01"),
        ("--json", "--csv"),
        ("--price-list", "/none"),
        ("--policy", "/none"),
    ],
)
def test_what_makes_no_sense_is_refused(recorded: Recorded, options: tuple[str, ...]) -> None:
    assert recorded.report(*options).exit_code == 2
