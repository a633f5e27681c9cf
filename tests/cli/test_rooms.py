"""Whoever looks for a command finds its file by its name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import gateway.cli
from gateway.cli.commands import cli

ROOMS = Path(str(gateway.cli.__file__)).parent
ELSEWHERE = {"list": "listing", "set": "question_set", "eval": "evaluation", "test": "testing"}
"""Words that Python has for itself. The docstring of `gateway.cli` says the same."""


def _commands(of: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(of, "commands"):
        yield words, of
        return
    for name, command in of.commands.items():
        yield from _commands(command, (*words, name))


COMMANDS = dict(_commands(typer.main.get_command(cli)))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_is_in_the_file_of_its_name(words: tuple[str, ...]) -> None:
    room, *command = (word.replace("-", "_") for word in words)
    file = ELSEWHERE.get(command[0], command[0]) if command else "command"
    assert COMMANDS[words].callback.__module__ == f"gateway.cli.{room}.{file}"


@pytest.mark.parametrize("room", sorted(file.parent.name for file in ROOMS.glob("*/__init__.py")))
def test_a_room_says_what_it_is_for(room: str) -> None:
    assert import_module(f"gateway.cli.{room}").__doc__


@pytest.mark.parametrize(("word", "file"), ELSEWHERE.items())
def test_what_is_spelled_otherwise_is_written_down(word: str, file: str) -> None:
    assert f"`{word}` {'is ' if word == 'list' else ''}{file}.py" in str(gateway.cli.__doc__)


def test_a_command_does_not_wait_for_other_rooms() -> None:
    code = (
        "import sys; from gateway.cli.commands import cli; cli(['detect', '--help'], standalone_mode=False); "
        "print(*sorted({name.split('.')[2] for name in sys.modules if name.startswith('gateway.cli.')}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
    assert loaded.split() == ["commands", "common", "detect"]


def test_what_is_no_command_is_said_with_what_may_be_meant() -> None:
    refused = CliRunner().invoke(cli, ["polcy"])
    assert refused.exit_code == 2
    assert "Did you mean 'policy'?" in refused.output
