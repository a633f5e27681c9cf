"""docs/cost.md: its examples are policies, its commands exist, and its tables say what the code does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from gateway.cli.commands import cli
from gateway.cli.deployments.pins import PATHS, Result
from gateway.explorer.prices.price_list import load_prices
from gateway.policy.reading.load import load_policy
from gateway.protocol.usage import UsageSource

PAGE = (Path(__file__).parents[3] / "docs" / "cost.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^    gateway (.*?)(?:#.*|>.*)?$", PAGE, re.MULTILINE)
BASE: dict[str, Any] = {
    "version": 1,
    "deployments": {"gpu-1": {"base_url": "http://gpu-1/v1"}},
    "models": {"m": {"deployments": ["gpu-1"]}},
    "tenants": {"acme": {"principals": {"app": {}}}},
}


def _example(text: str) -> dict[str, Any]:
    written = yaml.safe_load(text)
    return {**BASE, **{name: {**BASE[name], **part} for name, part in written.items()}}


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_policies(example: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(_example(example)))
    loaded = load_policy(path, known_entities=frozenset(), surrogate_entities=frozenset())
    listed = {price.model.casefold() for price in load_prices().prices}
    compared = [model.compares_to for model in loaded.policy.models.values() if model.compares_to]
    assert all(name.casefold() in listed for name in compared)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_ones(command: str) -> None:
    """Help is shown before anything is done; an option that is not there is an error all the same."""
    assert CliRunner().invoke(cli, [*shlex.split(command), "--help"]).exit_code == 0
    words = re.findall(r"--[a-z-]+", command)
    shown = CliRunner().invoke(cli, [*shlex.split(command)[:2], "--help"], env={"COLUMNS": "200"}).output
    assert all(word in shown for word in words)


def test_every_server_and_result_and_source_is_explained() -> None:
    servers = {"vllm": "vLLM", "sglang": "SGLang", "tgi": "TGI", "ollama": "Ollama", "llama.cpp": "llama.cpp"}
    assert servers.keys() == PATHS.keys()
    assert all(f"\n| {name} | " in PAGE for name in servers.values())
    assert all(f"`{result.value}`" in PAGE for result in Result)
    assert all(f"\n| `{source.value}` | " in PAGE for source in UsageSource)


def test_the_columns_of_the_report_are_explained() -> None:
    for column in (
        "estimated",
        "busy h",
        "by policy",
        "own",
        "public",
        "calls at once",
        "used",
        "per million",
        "at full",
        "even at",
    ):
        assert f"`{column}`" in PAGE
