from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from typer.testing import CliRunner

from gateway.cli.audit.commands import app
from tests.store.databases import sqlite_at
from tests.support.backend import backend_in_thread
from tests.support.gateway import policy_text, running_gateway


def test_it_lists_what_happened_without_a_raw_value(tmp_path: Path) -> None:
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url)) as gateway:
        gateway.chat("I am alice@corp-example.org. Alice Johnson knows 张伟.")  # found by different recognizers
        gateway.chat("hi", model="unknown")
        gateway.records(2)
        state = str(gateway.settings.state_dir)
        listed = CliRunner().invoke(app, ["list", "--state-dir", state])
        as_json = CliRunner().invoke(app, ["list", "--state-dir", state, "--json", "--limit", "1"])
    denied, allowed = listed.output.splitlines()
    assert "acme/app  test-model  completed  1 EMAIL_ADDRESS placeholder, 2 PERSON placeholder" in allowed
    assert "denied (model_not_found)" in denied
    assert "alice" not in listed.output.lower()
    assert json.loads(as_json.output)["error_code"] == "model_not_found"


def test_a_record_in_which_nothing_happened_yet_says_so(tmp_path: Path) -> None:
    with closing(sqlite_at(tmp_path / "audit.sqlite")):
        exchanges = CliRunner().invoke(app, ["list", "--state-dir", str(tmp_path)])
        acts = CliRunner().invoke(app, ["acts", "--state-dir", str(tmp_path)])
    assert (exchanges.exit_code, exchanges.stdout, exchanges.stderr) == (0, "", f"no exchanges yet in {tmp_path}\n")
    assert (acts.exit_code, acts.stdout, acts.stderr) == (0, "", f"no acts yet in {tmp_path}\n")


def test_without_a_record_it_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["list", "--state-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "there is no record in" in result.output
