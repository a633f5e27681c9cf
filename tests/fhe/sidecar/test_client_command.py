"""`gateway fhe client`: the command of docs/fhe.md, and what is said of options that cannot be."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli.fhe import sidecar as fhe_client
from gateway.cli.fhe.commands import app
from gateway.cli.fhe.sidecar import Given, home_of
from gateway.fhe.model.client_part import ClientPart
from gateway.obligations import OperatorKind
from gateway.sidecar.app import Home

_PAGE = Path(__file__).parents[3] / "docs" / "fhe.md"


@pytest.fixture(scope="module")
def folder(tiny_file: Path, tiny_part: ClientPart, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command")
    (folder / "client.gguf").write_bytes(tiny_file.with_name("client.gguf").read_bytes())
    (folder / "key.txt").write_text("pgw_key\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def given(folder: Path) -> Given:
    return Given(
        gateway="https://gateway.example.org/v1/",
        key="pgw_key",
        client_file=folder / "client.gguf",
        entities=("PERSON=keep", "default=mask"),
    )


@pytest.fixture(scope="module")
def home(given: Given) -> Home:
    return home_of(given, "127.0.0.1")


def test_the_command_of_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[Given, str, int]] = []
    monkeypatch.chdir(folder)
    monkeypatch.setattr(fhe_client, "serve_sidecar", lambda *asked: started.append(asked))
    (line,) = re.findall(r"^gateway fhe (client .*)$", _PAGE.read_text(encoding="utf-8"), re.M)
    done = CliRunner().invoke(app, shlex.split(line))
    assert done.exit_code == 0, done.output
    ((given, host, port),) = started
    assert (given.key, given.client_file, host, port) == ("pgw_key", Path("client.gguf"), "127.0.0.1", 8081)
    home = home_of(given, "127.0.0.1")
    assert home.gateway == "https://gateway.example.org/v1"
    assert home.obligations.request.operator("PERSON") is OperatorKind.PLACEHOLDER


def test_what_is_done_with_personal_data(home: Home) -> None:
    rules = home.obligations.request
    assert (rules.operator("PERSON"), rules.operator("EMAIL_ADDRESS")) == (OperatorKind.KEEP, OperatorKind.MASK)


def test_the_secret_is_not_shown(given: Given, home: Home) -> None:
    assert "pgw_key" not in repr(home) + repr(given)


@pytest.mark.parametrize(
    ("host", "name"), [("127.0.0.1", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "[::1]"), ("localhost", "localhost")]
)
def test_on_this_machine_it_has_names(host: str, name: str, given: Given) -> None:
    assert {name, "localhost"} <= set(home_of(given, host).names)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "203.0.113.1"])
def test_who_opens_it_to_others_names_it_as_others_do(host: str, given: Given) -> None:
    assert not home_of(given, host).names


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"gateway": "gateway.example.org"}, "--gateway must be"),
        ({"gateway": "https://gateway.example.org:port/v1"}, "--gateway must be"),
        ({"entities": ("PERSON",)}, "TYPE=operator"),
        ({"entities": ("NOBODY=keep",)}, "TYPE=operator"),
        ({"entities": ("PERSON=shout",)}, "TYPE=operator"),
        ({"ca_file": Path("missing.pem")}, "--ca-file"),
        ({"client_file": Path(__file__)}, "GGUF"),
        ({"key": "pgw_k\u00e9y"}, "--api-key-file"),
    ],
)
def test_what_cannot_be_is_said(changes: dict[str, Any], says: str, given: Given) -> None:
    with pytest.raises(ValueError, match=says):
        home_of(replace(given, **changes), "127.0.0.1")
