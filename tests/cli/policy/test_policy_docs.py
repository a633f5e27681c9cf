"""The examples of docs/policy-tools.md, run as they stand there."""

from __future__ import annotations

import asyncio
import functools
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from gateway.cli.common.entity_types import entity_types
from gateway.cli.common.policy import opened
from gateway.cli.policy.commands import app
from gateway.policy.testing.schema import Suite
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.recorded_calls import Call, fill, record_call

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "policy-tools.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```console\n\$ gateway policy ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)
SKIPPED = "…"
_ANYTHING, _ON_THE_LINE = "(?:[^\n]*\n)*?", "[^\n]*"


@pytest.fixture
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the shipped policies, a new one, and a record."""
    types = functools.cache(entity_types)
    for module in ("common.policy", "policy.check", "policy.testing"):
        monkeypatch.setattr(f"gateway.cli.{module}.entity_types", types)
    monkeypatch.chdir(tmp_path)
    for name in ("GATEWAY_POLICY", "GATEWAY_STATE_DIR"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(ROOT / "policies", "policies")
    text = Path("policies/example.yaml").read_text(encoding="utf-8")
    Path("policies.new").mkdir()
    changed = text.replace("findings.PERSON > 3", "findings.PERSON > 2").replace("retention_days: 90", "retention_days: 30")
    Path("policies.new/example.yaml").write_text(changed, encoding="utf-8")
    lesson = Facts(model="assistant", surface=Surface.CHAT, purpose="training")
    calls = [
        Call(id=f"call-{number}", who="bank/training-team", facts=lesson, findings={"PERSON": 3 if number < 3 else 1})
        for number in (1, 2, 3)
    ]
    policy = opened(Path("policies/example.yaml")).compiled
    asyncio.run(fill(Path(".state/audit.sqlite"), *(record_call(policy, call) for call in calls)))


@pytest.mark.usefixtures("_somewhere")
@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command.split()[0] for command, _ in EXAMPLES])
def test_an_example_prints_what_the_page_shows(command: str, shown: str) -> None:
    result = CliRunner().invoke(app, shlex.split(command))
    assert result.exit_code == 0, result.output
    pattern = "".join(_ANYTHING if line == SKIPPED else _like(line) for line in shown.splitlines())
    assert re.fullmatch(pattern, result.stdout), result.stdout


def _like(line: str) -> str:
    return re.escape(line).replace(SKIPPED, _ON_THE_LINE) + "\n"


def test_every_command_has_a_section() -> None:
    assert [command.split()[0] for command, _ in EXAMPLES] == ["effective", "explain", "test", "replay"]
    for command in app.registered_commands:
        assert command.name in ("check", "schema") or f"\n## {command.name}\n" in PAGE


def test_the_test_on_the_page_is_one() -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert Suite.model_validate(yaml.safe_load(written)).tests[0].findings == {"PERSON": 4}
