"""docs/audit.md: its commands run, in the order of the page, and its words are those of the code."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from gateway.audit.verify import HANDOVER, LEAF_FORMAT
from gateway.cli.audit.commands import app
from gateway.settings import Settings
from tests.audit.logs import log_in, signed_log, vkey

PAGE = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE) for line in block.splitlines()]


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    state = tmp_path / ".state"
    state.mkdir()
    key = str(vkey(signed_log(log_in(state / "audit.sqlite"), 5, 10)))
    ran = []
    for line in COMMANDS:
        if "noted.txt" in line and not (tmp_path / "noted.txt").exists():
            _note(tmp_path)
        status, said = _run(shlex.split(line.replace("VKEY", key).replace("CALL_ID", "c3")))
        assert status == 0, (line, said)
        ran.append(said)
    assert ran[0].strip() == key
    assert ran[1].startswith("verified: 10 entries")
    assert len(ran) > 10


def _run(words: list[str]) -> tuple[int, str]:
    if words[:2] == ["gateway", "audit"]:
        done = CliRunner().invoke(app, words[2:])
        return done.exit_code, done.stdout
    words = [sys.executable, "-m", "zipfile", "-e", words[2], "."] if words[0] == "unzip" else [sys.executable, *words[1:]]
    program = subprocess.run(words, capture_output=True, text=True)
    return program.returncode, program.stdout + program.stderr


def _note(folder: Path) -> None:
    """As the page tells an auditor: the note of the last checkpoint of an export."""
    with ZipFile(folder / "everything.zip") as archive:
        last = archive.read("checkpoints.jsonl").splitlines()[-1]
    (folder / "noted.txt").write_text(json.loads(last)["note"], encoding="utf-8")


def test_the_page_says_what_the_code_does() -> None:
    defaults = Settings()
    assert f"every {defaults.audit_checkpoint_s:.0f} seconds or {defaults.audit_checkpoint_entries:,} entries" in PAGE
    assert f"`{HANDOVER}VKEY`" in PAGE
    assert LEAF_FORMAT.decode().partition(":")[2].rstrip(",") in PAGE
