"""docs/dp.md: its commands exist, and its tables say what the code does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.commands import cli
from gateway.dp.budget import Unit
from gateway.dp.question import By, Figure, Measure

PAGE = (Path(__file__).parents[2] / "docs" / "dp.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    gateway (.*?)$", PAGE.replace("\\\n", " "), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_ones(command: str) -> None:
    """Help is shown before anything is done; an option that is not there is an error all the same."""
    words = shlex.split(command)
    assert CliRunner().invoke(cli, [*words, "--help"]).exit_code == 0
    shown = CliRunner().invoke(cli, [*words[:2], "--help"], env={"COLUMNS": "200"}).output
    assert all(word in shown for word in words if word.startswith("--"))


def test_there_are_commands() -> None:
    assert len(COMMANDS) >= 4


@pytest.mark.parametrize("word", [*Unit, *By, *Figure, *Measure])
def test_every_word_is_explained(word: str) -> None:
    assert f"\n| `{word}` | " in PAGE
