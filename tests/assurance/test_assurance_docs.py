"""docs/erasure.md and docs/keys.md: their commands run, in the order of the pages, and their words are those of the code."""

from __future__ import annotations

import base64
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.assurance.grant import LAPSES_AFTER, SHORTEST_REASON
from gateway.cli.commands import cli
from gateway.keys.sameness import normalised
from tests.assurance.kept import ANNA, House
from tests.cli.break_glass.test_break_glass import POLICY
from tests.store.databases import sqlite_at

DOCS = Path(__file__).parents[2] / "docs"
ERASURE, KEYS = ((DOCS / name).read_text(encoding="utf-8") for name in ("erasure.md", "keys.md"))


def _commands(page: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    for name in ("GATEWAY_MASTER_KEY", "GATEWAY_SECRET", "GATEWAY_DATABASE_URL", "GATEWAY_STATE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    state = tmp_path / ".state"
    state.mkdir()
    (tmp_path / "policy.yaml").write_text(POLICY)
    monkeypatch.setenv("GATEWAY_POLICY", "policy.yaml")
    with closing(sqlite_at(state / "audit.sqlite")) as database:
        house = House(database, state)
        house.keep("call_1", originals={"<PERSON_1>": ANNA})
        house.keep("call_2", originals={"<PERSON_1>": "Bob"})
        house.keep("call_3", tenant="shop")
        yield house


def _run(line: str) -> str:
    """With what stands behind `<` as input."""
    command, _, given = line.partition(" < ")
    words = shlex.split(command)
    if words[0] == "python":
        return subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True, check=True).stdout
    done = CliRunner().invoke(cli, words[1:], input=Path(given).read_text() if given else None)
    assert done.exit_code == 0, (line, done.output)
    return done.stdout


def test_the_commands_about_people_run(house: House, tmp_path: Path) -> None:
    (tmp_path / "values.txt").write_text(f"{ANNA}\nanna@example.com\n")
    lines = [line for line in _commands(ERASURE) if "break-glass" not in line]
    key = _run("gateway audit key").strip()
    said = [_run(line.replace("VKEY", key)) for line in lines]
    assert len(said) == 8
    assert "call_1" in said[0] + said[1]
    assert said[3].startswith("erased: the content of 1 exchanges")
    assert said[-1] == "nothing is due\n"


def test_the_commands_of_break_glass_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {who: _run(f"gateway keys issue --person {who}").strip() for who in ("olga", "onno")}
    grant = ""
    for line in (line for line in _commands(ERASURE) if "break-glass" in line):
        if " refuse " in line:
            monkeypatch.setenv("GATEWAY_PERSON_KEY", keys["olga"])
            grant = _run(f'gateway break-glass ask call_2 --reason "{"x" * SHORTEST_REASON}"').strip()
        monkeypatch.setenv("GATEWAY_PERSON_KEY", keys["onno" if " give " in line else "olga"])
        said = _run(line.replace("CALL_ID", "call_1").replace("GRANT_ID", grant))
        grant = said.strip() if " ask " in line else grant
        if " show " in line:
            assert ANNA in said


def test_the_commands_about_keys_run(house: House) -> None:
    said = [_run(line) for line in _commands(KEYS)]
    assert len(base64.b64decode(said[0])) == 32
    assert "is in charge; 2 tenants have a key" in said[1]
    assert "2 tenants' keys were wrapped anew" in said[2]


def test_the_pages_say_what_counts_as_equal() -> None:
    table = KEYS.partition("| equal | such as |")[2].partition("\n\n")[0]
    rows = [re.findall(r"`([^`]+)`", line.split(" | ")[1]) for line in table.splitlines()[2:]]
    assert len(rows) == 5
    for spellings in rows:
        assert len({normalised(one) for one in spellings}) == 1, spellings
    unequal = re.findall(r"\(((?:`[^`]+`(?:, )?)+)\)", KEYS.partition("These do not:")[2])
    for group in unequal:
        assert len({normalised(one) for one in re.findall(r"`([^`]+)`", group)}) == 2, group


def test_the_pages_say_how_long_and_how_many() -> None:
    assert f"within {LAPSES_AFTER.total_seconds() / 3600:.0f} hours" in ERASURE
    assert "ten characters" in ERASURE
    assert SHORTEST_REASON == 10
