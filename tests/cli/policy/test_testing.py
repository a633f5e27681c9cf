from __future__ import annotations

import functools
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.common.entity_types import entity_types
from gateway.cli.policy.commands import app

POLICIES = Path(__file__).parents[3] / "policies"
TYPES = functools.cache(entity_types)


@pytest.fixture(autouse=True)
def _types_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.policy.testing.entity_types", TYPES)
    monkeypatch.setattr("gateway.cli.policy.check.entity_types", TYPES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo policy with tests that need no recognizers."""
    shutil.copy(POLICIES / "demo.yaml", tmp_path)
    text = (POLICIES / "demo_test.yaml").read_text(encoding="utf-8")
    head, _, _ = text.partition("  - name: people become")
    (tmp_path / "demo_test.yaml").write_text(head, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_shipped_policies_keep_what_their_tests_promise() -> None:
    result = run("test", POLICIES)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].endswith(f" passed in {len(list(POLICIES.glob('*_test.yaml')))} files")
    assert {path.name for path in POLICIES.glob("*.yaml")} == {
        *(f"{name}.yaml" for name in ("demo", "demo-echo", "example")),
        *(f"{name}_test.yaml" for name in ("demo", "demo-echo", "example")),
    }


def test_a_failure_is_status_1_with_both_sides(folder: Path) -> None:
    policy = folder / "demo.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("SECRET: block ", "SECRET: drop  "), encoding="utf-8")
    result = run("test", folder)
    assert result.exit_code == 1
    assert "  FAIL  the app may use the model, and gets its own values back" in result.stdout
    assert "          expected  block\n          got       drop\n" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 failed, 5 passed in 1 file"
    assert "\x1b[" not in result.stdout


def test_only_tests_with_a_word_in_their_name(folder: Path) -> None:
    result = run("test", folder, "-k", "ANALYST", "-v")
    assert result.stdout.splitlines()[1:] == [
        "  ok    the analyst never sees the people behind the placeholders",
        "1 passed in 1 file",
    ]
    nothing = run("test", folder, "-k", "no such word")
    assert (nothing.exit_code, nothing.stderr) == (2, "no test has this in its name\n")


def test_results_for_a_build_server(folder: Path) -> None:
    report = folder / "report.xml"
    assert run("test", folder, "--junit", report).exit_code == 0
    root = ElementTree.parse(report).getroot()
    assert (root.get("tests"), root.get("failures")) == ("6", "0")
    refused = run("test", folder, "--junit", folder / "none" / "report.xml")
    assert (refused.exit_code, "cannot be written" in refused.stderr) == (2, True)


def test_what_cannot_be_read_is_status_2_and_nothing_runs(folder: Path) -> None:
    (folder / "other_test.yaml").write_text("policy: demo.yaml\ntests:\n  - {nme: x}\n", encoding="utf-8")
    result = run("test", folder)
    assert result.exit_code == 2
    assert f"{folder / 'other_test.yaml'}:3:6: tests[0].nme: unknown field 'nme'" in result.stderr
    assert result.stdout == ""
    assert run("test", folder / "absent_test.yaml").exit_code == 2


def test_a_folder_without_tests_is_no_success(tmp_path: Path) -> None:
    result = run("test", tmp_path)
    assert (result.exit_code, "no *_test.yaml in this folder" in result.stderr) == (2, True)


def test_check_reads_tests_and_does_not_take_them_for_policies(folder: Path) -> None:
    result = run("check", folder)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1] == f"{folder / 'demo_test.yaml'}: ok: 6 tests of demo.yaml"
    (folder / "demo_test.yaml").write_text("policy: demo.yaml\ntests: []\n", encoding="utf-8")
    result = run("check", folder)
    assert result.exit_code == 1
    assert "demo_test.yaml:2:8: tests: an empty list" in result.stderr


def test_the_schema_of_tests_is_printed() -> None:
    assert run("schema", "--tests").stdout == (POLICIES / "policy_test.schema.json").read_text(encoding="utf-8")
