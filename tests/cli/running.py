"""Commands on a state folder, and what they leave on its record."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from gateway.audit.act import Act
from gateway.audit.act_reader import read_acts
from gateway.cli.commands import cli
from tests.assurance.kept import House


def run(*words: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], input=given)


def acts(house: House) -> list[Act]:
    return [row.act for row in reversed(read_acts(house.database, limit=100))]
