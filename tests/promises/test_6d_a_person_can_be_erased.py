"""Whoever is erased is gone: from what is kept, from the files, from memory; and the record still proves itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.commands import cli
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.disk import files_of
from tests.support.gateway import RunningGateway, policy_text, running_gateway
from tests.support.script import echo

ANNA, WANG = "anna.meier@example.com", "13912345678"
TENANT = """
entities: {default: placeholder}
reply: {restore: true}
record: {content: redacted, originals: sealed, retention_days: 30}
"""


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[RunningGateway, ScriptedBackend]]:
    for name in ("GATEWAY_MASTER_KEY", "GATEWAY_DATABASE_URL", "GATEWAY_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path / "state"))
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url, tenant=TENANT)) as gateway:
        yield gateway, backend


def _run(*words: str | Path, given: str | None = None) -> str:
    done = CliRunner().invoke(cli, [str(word) for word in words], input=given)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_from_a_prompt_to_nothing(running: tuple[RunningGateway, ScriptedBackend], tmp_path: Path) -> None:
    gateway, backend = running
    backend.reply_with(echo)
    assert ANNA in gateway.say(f"Write to {ANNA} about the lighthouse and call 139-1234-5678")
    gateway.chat(f"请联系 {WANG}，谈谈灯塔", stream=True)
    gateway.say("Nobody in here, only a lighthouse")
    gateway.records(3)
    found = _run("subject", "find", "--tenant", "acme", "--json", given=f"{ANNA}\n+86 {WANG}\n")
    assert [json.loads(line)["principal"] for line in found.splitlines()] == ["app", "app"]
    out = tmp_path / "export.json"
    _run("subject", "export", "--tenant", "acme", "--out", out, WANG)
    exported = out.read_text(encoding="utf-8")
    assert "lighthouse" in exported
    assert ANNA not in exported
    out.unlink()
    certificate = tmp_path / "certificate.txt"
    _run("subject", "erase", "--tenant", "acme", "--certificate", certificate, "--yes", given=f"{ANNA}\n{WANG}\n")
    key = _run("audit", "key").strip()
    assert json.loads(_run("subject", "verify-certificate", certificate, key))["exchanges"] == 2
    assert _run("audit", "verify", "--key", key).startswith("verified:")
    assert _run("subject", "find", "--tenant", "acme", given=f"{ANNA}\n{WANG}\n") == ""
    kept = {record.call_id: gateway.content(record) for record in gateway.records(3)}
    assert sorted(content.request is not None for content in kept.values()) == [False, False, True]
    files = b"\0".join(files_of(tmp_path / "state").values())
    for text in (ANNA, WANG, "139-1234-5678", "lighthouse", "灯塔"):
        assert text.encode() not in files
