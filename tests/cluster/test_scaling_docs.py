"""The commands of docs/scaling.md, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bench.cluster.gateways import _SHARED
from gateway.cli.commands import cli
from gateway.cli.serve.workers import serve_with_workers
from gateway.settings import Settings

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


def test_the_commands_make_the_secrets_that_all_machines_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("GATEWAY_POLICY", str(ROOT / "deploy" / "policy" / "policy.yaml"))
    commands = re.findall(r"^gateway (\S[^#\n]*?)\s+# makes (\S+?),?(?: .*)?$", PAGE, re.MULTILINE)
    assert [made for _, made in commands] == list(_SHARED)
    for command, made in commands:
        done = CliRunner().invoke(cli, command.split())
        assert done.exit_code == 0, done.output
        assert "warning" not in done.output, "the policy does not know whom the page issues a key to"
        assert (tmp_path / made).is_file()


def test_every_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"make ([a-z-]+)", PAGE))
    rules = (ROOT / "bench" / "bench.mk").read_text(encoding="utf-8")
    assert targets == {"run-cluster", "proof-state", "bench-cluster"}
    assert all(f"\n{target}: " in rules for target in targets)


def test_without_a_redis_several_workers_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Before anything is opened or made."""
    with pytest.raises(typer.Exit) as ended:
        serve_with_workers(Settings(workers=2, state_dir=tmp_path / "state", redis_url=None), lambda *_: None)
    assert ended.value.exit_code == 2
    assert "GATEWAY_REDIS_URL" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()
