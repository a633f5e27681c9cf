"""Ports that others have are told in a sentence, before anything is loaded."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.serve.ports import free_port, is_taken
from tests.cli.running import run


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_is_taken_while_somebody_listens(taken: int) -> None:
    assert is_taken("127.0.0.1", taken)
    assert is_taken("localhost", taken)
    assert not is_taken("127.0.0.1", free_port("127.0.0.1"))
    assert not is_taken("127.0.0.1", 0), "any free one"
    assert not is_taken("nowhere.invalid", taken), "whoever listens says what is wrong with it"


def test_serve_names_the_way_out(taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = run("serve", "--state-dir", tmp_path / "state", "--port", str(taken))
    assert refused.exit_code == 1
    assert refused.stderr == f"Port {taken} on 127.0.0.1 is in use; choose another one with --port or GATEWAY_PORT.\n"
    monkeypatch.setenv("GATEWAY_ADMIN_PORT", str(taken))
    refused = run("serve", "--state-dir", tmp_path / "state", "--port", "0")
    assert refused.stderr == f"Port {taken} on 127.0.0.1 is in use; choose another one with GATEWAY_ADMIN_PORT.\n"
    assert not (tmp_path / "state").exists()
