"""Each command that a page writes down is one, with the options that it is given there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from gateway.cli.commands import cli

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("README*.md"), *sorted(ROOT.glob("docs/*.md")), ROOT / "docker-compose.yml"]
_FENCED = re.compile(r"^```(?:sh|console|)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4,}(.+)$", re.MULTILINE)
_INLINE = re.compile(r"`(gateway [a-z][^`]*)`")
_COMMAND = re.compile(r"^(?:\$ |#\s+)?(?:[A-Z_]+=\S+ )*(?:docker compose run --rm gateway-1 |gateway )(.+)$")


def _written(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    lines = [line for block in _FENCED.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    found = [_COMMAND.match(line.strip()) for line in (*lines, *_INDENTED.findall(text), *_INLINE.findall(text))]
    return sorted({match[1].split("   ")[0] for match in found if match})


def _words(command: str) -> list[str]:
    for end in (" <", " >", " | ", " && ", " #"):
        command = command.split(end)[0]
    try:
        return shlex.split(command.replace("…", "X"))
    except ValueError:
        return []


def _faults(words: list[str]) -> list[str]:
    """What no command knows: a word where a command should stand, or an option."""
    if words[:1] == ["detect"] and words[1:2] not in (["spans"], ["eval"]):
        words = ["detect", "text", *words[1:]]  # as `gateway detect` does itself
    command: Any = typer.main.get_command(cli)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return [words[0]] if re.fullmatch(r"[a-z-]+", words[0]) else []
        command, words = command.commands[words[0]], words[1:]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    said = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return [word for word in said if word not in options | {"--help", "--version"}]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_one(page: Path) -> None:
    faults = {command: wrong for command in _written(page) if (wrong := _faults(_words(command)))}
    assert faults == {}


def test_commands_are_found_and_faults_are_seen() -> None:
    assert len(_written(ROOT / "docs" / "audit.md")) >= 10
    assert _faults(["audit", "lst"]) == ["lst"]
    assert _faults(["detect", "Ask Ann Lee", "--explian"]) == ["--explian"]
    assert _faults(["audit", "list", "--sinc", "7d"]) == ["--sinc"]
    assert _faults(["keys", "issue", "--tenant", "bank"]) == []
