from __future__ import annotations

import asyncio
import functools
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.cli.common.entity_types import entity_types
from gateway.cli.common.moment import moment
from gateway.cli.common.policy import opened
from gateway.cli.policy.commands import app
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.recorded_calls import Call, fill, record_call

EXAMPLE = Path(__file__).parents[3] / "policies" / "example.yaml"
TYPES = functools.cache(entity_types)


@pytest.fixture(autouse=True)
def _types_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.common.policy.entity_types", TYPES)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    policy = opened(EXAMPLE).compiled
    lesson = Facts(model="assistant", surface=Surface.CHAT, purpose="training")
    plain = Facts(model="assistant", surface=Surface.CHAT)
    calls = [
        *(Call(id=f"lesson-{number}", who="bank/training-team", facts=lesson, findings={"PERSON": 3}) for number in range(4)),
        Call(id="desk-1", who="bank/service-desk", facts=plain, findings={}),
        Call(id="count-1", who="analytics/notebook", facts=plain, findings={"PERSON": 2}),
    ]
    old = record_call(policy, Call(id="old", who="bank/service-desk", facts=plain), "2020-01-01T00:00:00.000Z")
    asyncio.run(fill(tmp_path / "state" / "audit.sqlite", old, *(record_call(policy, call) for call in calls)))
    return tmp_path / "state"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    for before, after in (
        ("findings.PERSON > 3", "findings.PERSON > 2"),
        ("retention_days: 90", "retention_days: 30"),
        ("notebook: {}", "laptop: {}"),
    ):
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "new.yaml"


def run(new: Path, state: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["replay", "--with", str(new), "--state-dir", str(state), *map(str, arguments)])


def test_what_flips_is_told_by_tenant_and_rule(new: Path, state: Path) -> None:
    result = run(new, state)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("6 exchanges since ")
    assert "       1  decision     allow tenants.analytics.models -> deny default-deny  (count-1)" in lines
    assert (
        "       4  decision     allow tenants.bank.models -> deny tenants.bank.rules.few-people-in-lessons  (lesson-3, lesson-2, lesson-1)"
        in lines
    )
    at = lines.index("       1  obligations  allow tenants.bank.models  (desk-1)")
    assert [line.strip() for line in lines[at + 1 : at + 3]] == ["+ retention 30 days", "- retention 90 days"]
    assert lines[lines.index("no longer placed by the new policy") + 1].split() == ["analytics/notebook", "1"]
    assert (
        lines[-1]
        == "0 the same, 5 decided otherwise, 0 by another rule, 1 with other obligations, 0 unknown; 0 ended before policy was asked"
    )


def test_for_programs(new: Path, state: Path) -> None:
    told = json.loads(run(new, state, "--json").stdout)
    assert told["exchanges"] == 6
    assert told["no_longer_placed"] == {"analytics/notebook": 1}
    assert [(one["tenant"], one["count"]) for one in told["flips"]] == [("analytics", 1), ("bank", 4), ("bank", 1)]


def test_the_same_policy_flips_nothing(state: Path) -> None:
    result = run(EXAMPLE, state, "--fail-on-flip", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["totals"]["same"] == 6


def test_a_flip_can_fail_a_build(new: Path, state: Path) -> None:
    assert run(new, state, "--fail-on-flip").exit_code == 3


def test_how_far_back_and_how_many(state: Path) -> None:
    assert json.loads(run(EXAMPLE, state, "--since", "2019-12-31", "--json").stdout)["exchanges"] == 7
    limited = json.loads(run(EXAMPLE, state, "--limit", "2", "--json").stdout)
    assert limited["exchanges"] == 2


def test_of_a_folder_the_policy_with_the_name_of_the_one_in_force(
    new: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "policies.new"
    folder.mkdir()
    (folder / "example.yaml").write_bytes(new.read_bytes())
    (folder / "example_test.yaml").write_text("no tests yet", encoding="utf-8")
    assert run(folder, state).exit_code == 0
    (folder / "other.yaml").write_text("not read", encoding="utf-8")
    unclear = run(folder, state)
    assert (unclear.exit_code, "fix: name the file" in unclear.stderr) == (1, True)
    monkeypatch.setenv("GATEWAY_POLICY", "policies/example.yaml")
    assert run(folder, state).exit_code == 0


def test_what_cannot_be_read_is_told(new: Path, state: Path, tmp_path: Path) -> None:
    assert f"there is no record in {tmp_path / 'nowhere'}; --state-dir names another" in run(new, tmp_path / "nowhere").stderr
    assert "cannot be read" in run(tmp_path / "absent.yaml", state).stderr
    assert run(new, state, "--since", "yesterday").exit_code == 2


def test_moments() -> None:
    now = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
    assert moment("7d", now) == "2026-03-01T12:00:00.000Z"
    assert moment("90m", now) == "2026-03-08T10:30:00.000Z"
    assert moment("2026-01-31", now) == "2026-01-31T00:00:00.000Z"
    assert moment("2026-01-31T10:00:00+08:00", now) == "2026-01-31T02:00:00.000Z"
    for unclear in ("7 days", "yesterday", "-7d", "", "9999999w", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"):
        with pytest.raises(typer.BadParameter):
            moment(unclear, now)


def test_what_a_record_holds_cannot_move_the_cursor_or_begin_a_line(new: Path, tmp_path: Path) -> None:
    plain = Facts(model="assistant", surface=Surface.CHAT)
    record = record_call(opened(EXAMPLE).compiled, Call(id="one", who="bank/service-desk", facts=plain))
    asyncio.run(fill(tmp_path / "odd" / "audit.sqlite", replace(record, tenant="ba\x1b[2J\nnk", principal="p\nq")))
    result = CliRunner().invoke(app, ["replay", "--since", "7d", "--with", str(new), "--state-dir", str(tmp_path / "odd")])
    assert {"ba\\x1b[2J\\nnk", "  ba\\x1b[2J\\nnk/p\\nq  1"} <= set(result.stdout.splitlines())
