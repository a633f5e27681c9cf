"""docs/evidence.md and docs/fairness.md: their commands run, and what they count is what there is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.assurance.evidence.ai_act import SIX_MONTHS
from gateway.assurance.evidence.risks_of_policy import LARGE_EPSILON
from gateway.assurance.fairness.names import carriers, shipped
from gateway.assurance.fairness.treatment import FEWEST
from gateway.cli.assurance.output import Tongue, catalogue
from gateway.cli.commands import cli
from tests.assurance.kept import House
from tests.store.databases import sqlite_at

ROOT = Path(__file__).parents[3]
EVIDENCE, FAIRNESS = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("evidence.md", "fairness.md"))


def commands(page: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    for name in ("GATEWAY_DATABASE_URL", "GATEWAY_STATE_DIR", "GATEWAY_POLICY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies").symlink_to(ROOT / "policies")
    (tmp_path / ".state").mkdir()
    with closing(sqlite_at(tmp_path / ".state" / "audit.sqlite")) as database:
        house = House(database, tmp_path / ".state")
        house.keep("call_1")
        yield house


@pytest.mark.usefixtures("house")
def test_the_commands_run() -> None:
    lines = commands(EVIDENCE)
    assert len(lines) == 7
    for line in lines:
        done = CliRunner().invoke(cli, shlex.split(line.replace("CALL_ID", "call_1"))[1:])
        assert done.exit_code == 0, (line, done.output)
        assert len(done.stdout) > 500


def test_the_command_about_names_has_these_options() -> None:
    shown = CliRunner().invoke(cli, ["assurance", "fairness", "--help"], env={"COLUMNS": "200"}).stdout
    lines = commands(FAIRNESS)
    assert len(lines) == 4
    assert all(line.startswith("gateway assurance fairness") for line in lines)
    assert all(option in shown for line in lines for option in re.findall(r"--[a-z]+", line))


def test_the_pages_say_how_many() -> None:
    groups = {cohort.group: cohort.script for cohort in shipped()}
    scripts = list(groups.values())
    assert f"names of {len(groups)} groups: {scripts.count('latin')} in Latin letters, {scripts.count('han')} in" in FAIRNESS
    assert f"The same {len(carriers('en'))} English and {len(carriers('zh'))} Chinese sentences" in FAIRNESS
    assert f"fewer than {FEWEST} exchanges" in FAIRNESS
    assert f"fewer than {SIX_MONTHS} days" in EVIDENCE
    assert f"epsilon {LARGE_EPSILON:g}" in EVIDENCE
    t = catalogue(Tongue.ENGLISH)
    assert all(f"\n| {t(f'group.{group}')} | " in FAIRNESS for group in groups)
