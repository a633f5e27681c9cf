"""What the demo says and does where its ports are taken, before anything is started."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from gateway.cli.demo.moved import moved
from tests.cli.running import run

POLICY = "version: 1\ndeployments:\n  local: {base_url: http://127.0.0.1:8090/v1}\n# 127.0.0.1:80901 stays\n"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_its_own_port_is_looked_at_before_the_model_is_started(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(*_: object) -> None:
        raise AssertionError("the model was started")

    monkeypatch.setattr("gateway.cli.demo.command._started", started)
    refused = run("demo", "--state-dir", tmp_path / "state", "--port", str(taken))
    assert (refused.exit_code, refused.stdout) == (1, ""), refused.output
    another = taken % 65535 + 1
    assert f"Port {taken} on 127.0.0.1 is in use; " in refused.stderr
    assert f"GATEWAY_PORT={another} make run" in refused.stderr
    assert not (tmp_path / "state").exists()


def test_what_is_wrong_with_an_option_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("demo", "--port", "99999").stderr.startswith("--port: ")
    monkeypatch.setenv("GATEWAY_PORT", "99999")
    assert run("demo").stderr.startswith("GATEWAY_PORT: ")


def test_a_backend_moves_to_another_port_in_a_copy_of_the_policy(tmp_path: Path) -> None:
    policy = tmp_path / "demo.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    copy = moved(policy, ("127.0.0.1", 8090), 41233, tmp_path / "new" / "state")
    assert copy.read_text(encoding="utf-8") == POLICY.replace(":8090/", ":41233/")
    assert policy.read_text(encoding="utf-8") == POLICY


def test_a_policy_that_writes_the_port_otherwise_is_left_to_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "demo.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    with pytest.raises(typer.Exit):
        moved(policy, ("localhost", 8090), 41233, tmp_path / "state")
    assert "change base_url, or stop what listens there" in capsys.readouterr().err
