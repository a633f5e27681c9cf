from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.audit.act import Action, entry_of_act, new_act
from gateway.audit.entry_table import EntryTable, Fate
from gateway.audit.log import Phase, entry_of
from gateway.cli.audit.commands import app
from tests.store.databases import sqlite_at
from tests.support.backend import backend_in_thread
from tests.support.gateway import policy_text, running_gateway
from tests.telemetry.samples import RECORD


def test_it_lists_what_happened_without_a_raw_value(tmp_path: Path) -> None:
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url)) as gateway:
        gateway.chat("I am alice@corp-example.org. Alice Johnson knows 张伟.")  # found by different recognizers
        gateway.chat("hi", model="unknown")
        gateway.records(2)
        state = str(gateway.settings.state_dir)
        listed = CliRunner().invoke(app, ["list", "--state-dir", state])
        as_json = CliRunner().invoke(app, ["list", "--state-dir", state, "--json", "--limit", "1"])
    denied, allowed = listed.output.splitlines()
    assert "acme/app  test-model  completed  1 EMAIL_ADDRESS placeholder, 2 PERSON placeholder" in allowed
    assert "denied (model_not_found)" in denied
    assert "alice" not in listed.output.lower()
    assert json.loads(as_json.output)["error_code"] == "model_not_found"


def test_a_record_in_which_nothing_happened_yet_says_so(tmp_path: Path) -> None:
    with closing(sqlite_at(tmp_path / "audit.sqlite")):
        exchanges = CliRunner().invoke(app, ["list", "--state-dir", str(tmp_path)])
        acts = CliRunner().invoke(app, ["acts", "--state-dir", str(tmp_path)])
    assert (exchanges.exit_code, exchanges.stdout, exchanges.stderr) == (0, "", f"no exchanges yet in {tmp_path}\n")
    assert (acts.exit_code, acts.stdout, acts.stderr) == (0, "", f"no acts yet in {tmp_path}\n")


def test_without_a_record_it_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["list", "--state-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "there is no record in" in result.output


def listed(folder: Path, *words: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, [*words, "--state-dir", str(folder), "--json"])
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["second", "first"]),
        (["--since", "2026-03-02T08:00"], ["second"]),
        (["--until", "2026-03-02T08:00"], ["first"]),
        (["--since", "2026-03-01", "--until", "2026-03-02T16:01+08:00", "--limit", "1"], ["second"]),
        (["--since", "1d"], []),
    ],
)
def test_from_when_to_when(tmp_path: Path, options: list[str], expected: list[str]) -> None:
    """An exchange counts by when it opened, which is on the record also where it was entered later."""
    days = {"first": "2026-03-01T08:00:00.000Z", "second": "2026-03-02T08:00:00.000Z"}
    with closing(sqlite_at(tmp_path / "audit.sqlite")) as database, closing(EntryTable(database)) as table:
        for call, at in days.items():
            record = replace(RECORD, call_id=call, opened_at=at)
            act = replace(new_act(Action.KEYS_ISSUE, target=call), at=at)
            entries = [entry_of(record, Phase.COMPLETED), replace(entry_of_act(act), at=at)]
            assert table.write(entries) == [Fate.DURABLE, Fate.DURABLE]
    assert [one["call_id"] for one in listed(tmp_path, "list", *options)] == expected
    if "--limit" not in options:
        assert [one["target"] for one in listed(tmp_path, "acts", *options)] == expected


def test_what_is_no_time_names_the_option(tmp_path: Path) -> None:
    for options, said in ((["--until", "soon"], "write --until as"), (["--since", "1h", "--until", "2h"], "before --until")):
        for command in ("list", "acts"):
            result = CliRunner().invoke(app, [command, "--state-dir", str(tmp_path), *options])
            assert (result.exit_code, said in result.stderr) == (2, True)
