"""`gateway audit verify` over keys and privacy budgets that somebody changed past the gateway."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.commands import cli
from tests.audit.logs import log_in, signed_log, vkey

POLICY = """\
version: 1
deployments: {gpu: {base_url: "http://127.0.0.1:1/v1"}}
models: {assistant: {deployments: [gpu]}}
tenants: {bank: {models: [assistant], principals: {mailroom: {}}}}
"""


@pytest.fixture
def verifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The verifier key of a log in a state folder of its own, signed before anything was done."""
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("GATEWAY_SECRET", raising=False)
    (tmp_path / "policy.yaml").write_text(POLICY)
    return str(vkey(signed_log(log_in(tmp_path / "audit.sqlite"), 4)))


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def verified(key: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["audit", "verify", "--key", key])
    return done.exit_code, done.output


def forge(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement).rowcount == 1


def test_a_revocation_that_was_undone(tmp_path: Path, verifier: str) -> None:
    key = run("keys", "issue", "--tenant", "bank", "--principal", "mailroom")[:12]
    run("keys", "revoke", key)
    status, said = verified(verifier)
    assert (status, "what 2 acts on keys or privacy budgets left is still so" in said) == (0, True), said
    forge(tmp_path / "keys.sqlite", "UPDATE virtual_keys SET revoked = NULL")
    status, said = verified(verifier)
    assert (status, f"NOT VERIFIED: key {key}: it was revoked" in said) == (1, True), said


def test_an_end_that_was_taken_away(tmp_path: Path, verifier: str) -> None:
    run("keys", "issue", "--tenant", "bank", "--principal", "mailroom", "--expires-days", "1")
    assert verified(verifier)[0] == 0
    forge(tmp_path / "keys.sqlite", "UPDATE virtual_keys SET expires = NULL")
    assert verified(verifier)[0] == 1


def test_a_budget_that_was_raised(tmp_path: Path, verifier: str) -> None:
    declared = ("--tenant", "bank", "--data-set", "november", "--since", "2026-11-01", "--until", "2026-12-01")
    run("dp", "declare", *declared, "--epsilon", "1", "--policy", str(tmp_path / "policy.yaml"))
    assert verified(verifier)[0] == 0
    forge(tmp_path / "audit.sqlite", "UPDATE dp_budgets SET epsilon = 8")
    status, said = verified(verifier)
    assert (status, "NOT VERIFIED: the privacy budget of data set november of bank" in said) == (1, True), said


def test_what_is_not_there_was_not_compared(tmp_path: Path, verifier: str) -> None:
    status, said = verified(verifier)
    assert (status, "not compared" in said) == (0, False), said
    run("keys", "issue", "--tenant", "bank", "--principal", "mailroom")
    (tmp_path / "keys.sqlite").rename(tmp_path / "elsewhere")
    status, said = verified(verifier)
    assert (status, "not compared" in said, "still so" in said) == (0, True, False), said
    assert not (tmp_path / "keys.sqlite").exists()
