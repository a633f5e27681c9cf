"""The policy of docs/fhe.md, and the tests that it has there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.policy.commands import app
from gateway.detection.recognizers.registry import built_in_entities
from gateway.fhe.model.client_part import ClientPart
from gateway.policy.reading.problems import PolicyError
from gateway.policy.source import PolicySource
from gateway.redaction.surrogates import SURROGATE_ENTITIES

_POLICY, _TESTS = re.findall(
    r"```yaml\n(.*?)```", (Path(__file__).parents[2] / "docs" / "fhe.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.fixture
def folder(tiny_file: Path, tiny_part: ClientPart, tmp_path: Path) -> Path:
    (tmp_path / "client.gguf").write_bytes(tiny_file.with_name("client.gguf").read_bytes())
    (tmp_path / "fhe_secret").write_text("word", encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(_POLICY, encoding="utf-8")
    (tmp_path / "policy_test.yaml").write_text(_TESTS, encoding="utf-8")
    return tmp_path


def test_the_policy_says_what_its_tests_want(folder: Path) -> None:
    done = CliRunner().invoke(app, ["test", str(folder)])
    assert done.exit_code == 0, done.output
    assert "3 passed" in done.output


def test_they_notice_a_policy_that_seals_less(folder: Path) -> None:
    (folder / "policy.yaml").write_text(_POLICY.replace("kinds: [fhe]}}  ", "external: false}}  "), encoding="utf-8")
    done = CliRunner().invoke(app, ["test", str(folder)])
    assert done.exit_code == 1, done.output
    assert "the archive is always sealed" in done.output


def test_without_the_clients_part_it_does_not_come_into_force(folder: Path) -> None:
    (folder / "client.gguf").unlink()
    with pytest.raises(PolicyError, match=r"policy\.yaml:7:.*gateway fhe client-part"):
        PolicySource(
            folder / "policy.yaml", known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES, environ={}
        )
