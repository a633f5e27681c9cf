"""What `gateway keys` does is on record, and `gateway audit acts` shows it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.act import Act, Action, ActOutcome, entry_of_act, new_act
from gateway.audit.act_reader import read_acts
from gateway.audit.entry_table import EntryTable
from gateway.cli.audit.commands import app as audit
from gateway.cli.keys.commands import app as keys
from gateway.identity.key_store import KeyStore
from tests.store.databases import sqlite_at


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GATEWAY_SECRET", raising=False)
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "root")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(keys, arguments)


def issue() -> str:
    return run("issue", "--tenant", "demo", "--principal", "app").stdout.strip()


def acts(folder: Path) -> list[Act]:
    return [row.act for row in reversed(read_acts(sqlite_at(folder / "audit.sqlite"), limit=100))]


def test_every_act_is_entered(tmp_path: Path) -> None:
    key = issue()
    first = key[:12]
    second = run("rotate", first, "--overlap", "1h").stdout.strip()[:12]
    assert run("expire", second, "--in", "7d").exit_code == 0
    assert run("revoke", second).exit_code == 0
    told = [(act.action, act.target, act.result, act.outcome) for act in acts(tmp_path)]
    assert told == [
        ("keys.issue", first, None, ActOutcome.DONE),
        ("keys.rotate", first, second, ActOutcome.DONE),
        ("keys.expire", second, None, ActOutcome.DONE),
        ("keys.revoke", second, None, ActOutcome.DONE),
    ]
    assert {(act.actor, act.tenant, act.principal) for act in acts(tmp_path)} == {("cli:root", "demo", "app")}
    assert key[13:] not in "".join(act.to_json() for act in acts(tmp_path))


def test_a_persons_key_is_in_no_tenant(tmp_path: Path) -> None:
    assert run("issue", "--person", "alice").exit_code == 0
    (act,) = acts(tmp_path)
    assert (act.tenant, act.principal) == (None, "alice")


def test_what_was_not_done_is_entered_as_failed(tmp_path: Path) -> None:
    key_id = issue()[:12]
    run("revoke", key_id)
    assert run("rotate", key_id).exit_code == 1
    assert acts(tmp_path)[-1].outcome is ActOutcome.FAILED


def test_without_a_record_nothing_is_done(tmp_path: Path) -> None:
    key_id = issue()[:12]
    (tmp_path / "audit.sqlite").rename(tmp_path / "moved.sqlite")
    (tmp_path / "audit.sqlite").mkdir()
    for arguments in (("revoke", key_id), ("rotate", key_id), ("issue", "--tenant", "demo", "--principal", "app")):
        result = run(*arguments)
        assert result.exit_code == 1
        assert "The database cannot be opened" in result.stderr
        assert not result.stdout
    (record,) = KeyStore(tmp_path / "keys.sqlite").list()
    assert (record.revoked, record.rotated_to) == (None, None)


def test_they_are_shown(tmp_path: Path) -> None:
    key_id = issue()[:12]
    run("revoke", key_id)
    lines = CliRunner().invoke(audit, ["acts"]).stdout.splitlines()
    assert [line.split("  ", 2)[2] for line in lines] == [
        f"cli:root  keys.revoke  done  {key_id}  demo/app",
        f"cli:root  keys.issue  done  {key_id}  demo/app",
    ]
    shown = CliRunner().invoke(audit, ["acts", "--json", "--limit", "1"]).stdout
    assert json.loads(shown)["action"] == "keys.revoke"
    assert CliRunner().invoke(audit, ["list"]).stdout == ""


def test_without_a_record_there_is_nothing_to_show() -> None:
    result = CliRunner().invoke(audit, ["acts"])
    assert result.exit_code == 1
    assert "there is no record in" in result.stderr


def test_an_act_of_another_version_is_told_plainly(tmp_path: Path) -> None:
    issue()
    with closing(EntryTable(sqlite_at(tmp_path / "audit.sqlite"))) as table:
        entry = entry_of_act(new_act(Action.WHOAMI))
        table.write([replace(entry, body=entry.body.replace(f'"{Action.WHOAMI}"', '"later"'))])
    result = CliRunner().invoke(audit, ["acts"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "holds an entry that this version cannot read" in result.stderr


def test_an_act_is_one_line_whatever_it_holds(tmp_path: Path) -> None:
    issue()
    with closing(EntryTable(sqlite_at(tmp_path / "audit.sqlite"))) as table:
        table.write([entry_of_act(new_act(Action.WHOAMI, actor="\x1b[2J\nroot"))])
    (line, _) = CliRunner().invoke(audit, ["acts"]).stdout.splitlines()
    assert "  \\x1b[2J\\nroot  " in line
