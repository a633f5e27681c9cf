"""What is joined when a gateway starts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gateway.audit.act import Action, ActOutcome, new_act
from gateway.cli.commands import cli
from gateway.settings import Settings
from tests.audit.logs import log_in, spoil
from tests.support.backend import backend_in_thread
from tests.support.gateway import policy_text, running_gateway


@pytest.mark.parametrize("undone", ["revoked", "expires"])
def test_a_key_that_was_given_back_while_no_gateway_ran_opens_nothing(tmp_path: Path, undone: str) -> None:
    with backend_in_thread() as backend:
        with running_gateway(tmp_path, policy_text(backend.url)) as gateway:
            key, kept = gateway.issue("app"), gateway.issue("app")
            end = ["revoke", key[:12]] if undone == "revoked" else ["expire", key[:12], "--in", "0m"]
            done = CliRunner().invoke(cli, ["keys", *end, "--state-dir", str(gateway.settings.state_dir)])
            assert done.exit_code == 0, done.output
            assert asked(gateway.base_url, key) == 401
        forged(gateway.settings, f"UPDATE virtual_keys SET {undone} = NULL WHERE key_id = '{key[:12]}'")
        with running_gateway(tmp_path, policy_text(backend.url)) as gateway:
            assert (asked(gateway.base_url, key), asked(gateway.base_url, kept)) == (401, 200)


def test_whoever_writes_an_act_into_the_record_ends_no_key(tmp_path: Path) -> None:
    with backend_in_thread() as backend:
        with running_gateway(tmp_path, policy_text(backend.url)) as gateway:
            key = gateway.issue("app")
        act = new_act(Action.KEYS_REVOKE, actor="ops", target=key[:12]).ended(ActOutcome.DONE)
        columns = "INSERT INTO entries (seq, call_id, phase, at, body, kind) VALUES (-1, ?, 'completed', ?, ?, 'act')"
        spoil(log_in(gateway.settings.audit_path), (columns, (act.act_id, act.at, act.to_json())))
        with running_gateway(tmp_path, policy_text(backend.url)) as gateway:
            assert asked(gateway.base_url, key) == 200


def asked(base_url: str, key: str) -> int:
    return httpx.get(f"{base_url}/models", headers={"authorization": f"Bearer {key}"}).status_code


def forged(settings: Settings, statement: str) -> None:
    with closing(sqlite3.connect(settings.keys_path)) as connection, connection:
        assert connection.execute(statement).rowcount == 1
