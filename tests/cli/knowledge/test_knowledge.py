"""`gateway knowledge`, with the real recognizers and the real model; and the commands of docs/knowledge.md."""

from __future__ import annotations

import re
import shlex
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.act_reader import read_acts
from gateway.cli.commands import cli
from gateway.cli.knowledge import desk as knowledge_session
from gateway.detection.engines import Engines
from gateway.knowledge.chunks import OVERLAP, SIZE
from gateway.knowledge.formats.document import MOST_CHARACTERS, Refusal
from gateway.knowledge.formats.kinds import KINDS
from gateway.knowledge.sources import MOST_BYTES
from tests.knowledge import files
from tests.store.databases import sqlite_at

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "knowledge.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def engines() -> Engines:
    """Loading them takes seconds, once for each command otherwise."""
    return Engines()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engines: Engines) -> Path:
    monkeypatch.setattr(knowledge_session, "Engines", lambda *_, **__: engines)
    for name in ("GATEWAY_MASTER_KEY", "GATEWAY_VAULT_URL", "GATEWAY_DATABASE_URL", "GATEWAY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("GATEWAY_POLICY", str(ROOT / "policies" / "demo.yaml"))
    monkeypatch.setenv("LOGNAME", "olga")
    handbook = tmp_path / "handbook"
    handbook.mkdir()
    (handbook / "leave.md").write_text(
        "# Leave\n\nEverybody has thirty days of leave a year.\n\n# 年假\n\n每位员工每年有三十天年假。\n"
    )
    (handbook / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "supply.pdf").write_bytes(files.a_pdf(["The supply contract was signed by Anna Schmidt."]))
    (tmp_path / "bookmarks.html").write_bytes(files.BOOKMARKS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str) -> Result:
    words = shlex.split(command)
    assert words[0] == "gateway"
    return CliRunner().invoke(cli, words[1:])


def test_the_commands_of_the_page_in_order(place: Path) -> None:
    (section,) = re.findall(r"## In a minute\n.*?```sh\n(.*?)```", PAGE, re.DOTALL)
    results = [run(line) for line in section.strip().splitlines()]
    assert [result.exit_code for result in results] == [0] * len(results), [result.output for result in results]
    added, again, contracts, bookmarks, listed, found, chinese, denied, allowed = (result.output for result in results)
    assert "1 added (2 chunks), 0 unchanged, 0 removed, 1 refused" in added
    assert f"broken.pdf: {Refusal.BROKEN.value}" in added
    assert "0 added (0 chunks), 1 unchanged" in again
    assert "1 added" in contracts
    assert "1 added (3 chunks)" in bookmarks
    assert [line.split()[1:5] for line in listed.splitlines()] == [
        ["contracts", "legal", "1", "chunks"],
        ["default", "-", "2", "chunks"],
        ["default", "-", "3", "chunks"],
    ]
    assert found.splitlines()[1] == "Everybody has thirty days of leave a year."
    assert chinese.splitlines()[1] == "每位员工每年有三十天年假。"
    assert "contract" not in denied
    assert re.search(r"signed by <PERSON_\d+>", allowed)
    assert "page 1" in allowed


def test_it_is_on_the_record(place: Path) -> None:
    assert run("gateway knowledge add handbook/leave.md --tenant demo").exit_code == 0
    listed = run("gateway knowledge list --tenant demo").output
    (document,) = re.findall(r"kd_[0-9a-f]{24}", listed)
    assert run(f"gateway knowledge remove {document} --tenant demo").output == "1 removed\n"
    assert run(f"gateway knowledge remove {document} --tenant demo").output == "0 removed\n"
    with closing(sqlite_at(place / "state" / "audit.sqlite")) as database:
        acts = [(row.act.action.value, row.act.outcome.value, row.act.actor) for row in read_acts(database, limit=100)]
    assert ("knowledge.add", "done", "cli:olga") in acts
    assert acts.count(("knowledge.remove", "done", "cli:olga")) == 2


def test_names_and_texts_of_others_do_not_steer_the_terminal(place: Path) -> None:
    odd = place / "odd"
    odd.mkdir()
    (odd / "leave\x1b]0;root\x07.md").write_text("# Leave \x9b31m\n\nThirty days\x1b[2J of leave.\n")
    (odd / "broken\n\x1b[2J.pdf").write_bytes(b"%PDF-1.7 nothing")
    added = run("gateway knowledge add odd --tenant demo").output
    listed = run("gateway knowledge list --tenant demo").output
    found = run("gateway knowledge search 'days of leave' --tenant demo").output
    assert all(sign.isprintable() for output in (added, listed, found) for sign in output.replace("\n", ""))
    assert "broken\\n\\x1b[2J.pdf" in added
    (line,) = listed.splitlines()
    assert line.endswith("leave\\x1b]0;root\\x07.md")
    assert "Thirty days\\x1b[2J of leave." in found.splitlines()


def test_mistakes_are_sentences(place: Path) -> None:
    assert "nowhere.txt leads to nothing" in run("gateway knowledge add nowhere.txt --tenant demo").output
    for label in ("legal,board", "", "two words"):
        assert "a label is one word" in run(f"gateway knowledge add handbook --tenant demo --label '{label}'").output
    assert "no tenant of this name" in run("gateway knowledge search x --tenant nobody").output
    assert "nothing was ever kept" in run("gateway knowledge list --tenant nobody").output


def test_the_page_names_every_kind_reason_and_size() -> None:
    assert set(re.findall(r"`(\.\w+)`", PAGE)) >= KINDS
    assert all(f"| {reason.value} |" in PAGE for reason in Refusal)
    assert f"{SIZE} units" in PAGE
    assert f"{OVERLAP} units" in PAGE
    assert f"{MOST_BYTES // 2**20} MiB" in PAGE
    assert f"{MOST_CHARACTERS // 10**6} million characters" in PAGE
