from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.policy.commands import app
from gateway.policy.language.schema import json_schema_text
from tests.support.plugins import installed

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.fixture(autouse=True)
def _fixed_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real types come from models that take seconds to load; one test below uses them."""
    known = frozenset({"PERSON", "EMAIL_ADDRESS", "CREDIT_CARD", "SECRET", "DATE_TIME"})
    monkeypatch.setattr("gateway.cli.policy.check.entity_types", lambda: (known, frozenset({"PERSON"})))


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_valid_file_gives_one_line() -> None:
    result = _run("check", POLICIES / "demo.yaml")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"{POLICIES / 'demo.yaml'}: ok (version ")
    assert line.endswith("1 tenant, 2 principals, 1 model, 1 deployment; every caller needs a key")


def test_problems_of_every_file_are_told(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text((POLICIES / "demo.yaml").read_text().replace("mask", "msk"))
    result = _run("check", tmp_path / "a.yaml", POLICIES / "demo.yaml", tmp_path / "b.yaml", tmp_path / "absent")
    assert result.exit_code == 1
    assert result.stdout.count(": ok") == 1
    problems = result.stderr.splitlines()
    assert [line.rsplit("/", 1)[-1].split(":")[0] for line in problems] == ["a.yaml", "b.yaml", "absent"]
    assert "unknown operator 'msk'" in problems[0]


def test_a_folder_stands_for_its_policies(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text((POLICIES / "demo.yaml").read_text())
    (tmp_path / "notes.txt").write_text("no policy")
    assert _run("check", tmp_path).stdout.count(": ok") == 1


def test_a_folder_without_policies_is_no_success(tmp_path: Path) -> None:
    assert _run("check", tmp_path).exit_code == 1


def test_keys_are_read_only_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (POLICIES / "demo.yaml").read_text().replace("8090/v1\n", "8090/v1\n    api_key: {env: A_BACKEND_KEY}\n")
    (tmp_path / "a.yaml").write_text(text)
    monkeypatch.delenv("A_BACKEND_KEY", raising=False)
    assert _run("check", tmp_path / "a.yaml").exit_code == 0
    result = _run("check", "--secrets", tmp_path / "a.yaml")
    assert result.exit_code == 1
    assert "missing or empty" in result.stderr
    monkeypatch.setenv("A_BACKEND_KEY", "topsecret")
    result = _run("check", "--secrets", tmp_path / "a.yaml")
    assert result.exit_code == 0
    assert "topsecret" not in result.output


def test_the_schema_is_json() -> None:
    result = _run("schema")
    assert result.exit_code == 0
    assert result.stdout == json_schema_text()
    assert json.loads(result.stdout)["title"] == "Policy"


def test_the_shipped_policies_pass_with_the_real_entity_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    result = _run("check", POLICIES)
    assert result.exit_code == 0, result.output
    assert result.stdout.count(": ok") == len(list(POLICIES.glob("*.yaml"))) >= 2


def test_a_plugin_is_looked_for(tmp_path: Path) -> None:
    own = "    detection: {recognizers: [{plugin: acme-badges}]}\n    entities:\n      ACME_BADGE: mask\n"
    policy = tmp_path / "a.yaml"
    policy.write_text((POLICIES / "demo-echo.yaml").read_text().replace("    entities:\n", own))
    refused = _run("check", policy)
    assert refused.exit_code == 1
    assert (
        f"{policy}:20:40: tenants.demo.detection.recognizers[0].plugin: no installed package offers this recognizer; fix: install"
        in refused.stderr
    )
    with installed(tmp_path / "site"):
        assert _run("check", policy).exit_code == 0
