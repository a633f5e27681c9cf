"""A folder that was mistyped does not read as one in which nothing has happened, and nothing is made in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assurance.kept import ANNA, House
from tests.cli.running import run

COMMANDS = (
    ("subject", "find", "--tenant", "demo", ANNA),
    ("subject", "export", "--tenant", "demo", "--out", "never.json", ANNA),
    ("subject", "erase", "--tenant", "demo", "--certificate", "never.txt", "--yes", ANNA),
    ("subject", "erase-tenant", "demo", "--certificate", "never.txt", "--yes"),
    ("cost", "report"),
    ("knowledge", "list", "--tenant", "demo"),
    ("knowledge", "search", "fees", "--tenant", "demo"),
    ("knowledge", "remove", "doc_1", "--tenant", "demo"),
    ("master-key", "status"),
    ("master-key", "rotate"),
    ("cache", "clear"),
    ("audit", "list"),
    ("audit", "acts"),
    ("dp", "budgets"),
    ("policy", "replay", "--with", "policies/demo.yaml"),
    ("policy", "explain", "--call", "req_1"),
    ("audit", "retain"),
    ("audit", "rotate-key"),
    ("audit", "resume", "--reason", "a backup"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
@pytest.mark.parametrize("is_there", [True, False], ids=["an empty folder", "no folder"])
def test_the_place_is_told_and_left_alone(
    words: tuple[str, ...], is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GATEWAY_DATABASE_URL", raising=False)
    folder = tmp_path / "typo"
    if is_there:
        folder.mkdir()
    refused = run(*words, "--state-dir", folder)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == f"there is no record in {folder}; --state-dir names another\n"
    assert not list(folder.iterdir()) if is_there else not folder.exists()


def test_a_place_where_none_can_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_DATABASE_URL", raising=False)
    (tmp_path / "file").write_text("")
    days = ("--since", "2026-01-01", "--until", "2026-02-01")
    refused = run(
        *("dp", "declare", "--tenant", "demo", "--data-set", "d", *days, "--epsilon", "1"),
        *("--policy", "policies/demo.yaml", "--state-dir", tmp_path / "file"),
    )
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"the record in {tmp_path / 'file'} cannot be used: The database cannot be opened")


def test_an_absent_tenant_reads_otherwise(house: House) -> None:
    assert "Nothing was ever kept of this tenant" in run("subject", "find", "--tenant", "typo", ANNA).stderr
