"""Runs from a data set to an adapter: what they leave, what they spend, and what becomes of those that stop."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file
from typer.testing import CliRunner

import gateway.dp.training.step as step_module
from gateway.cli.commands import cli
from gateway.dp.dataset.files import read_data_set
from gateway.dp.training.checkpoint import read_checkpoint, write_checkpoint
from gateway.dp.training.model_card import Trained
from gateway.dp.training.plan import Plan
from gateway.dp.training.run import Progress
from gateway.dp.training.session import CHECKPOINT, Session
from gateway.errors import BudgetSpent, InvalidRequest
from tests.dp.training.conftest import Workplace, examples, put_data_set

PLAN = Plan(epsilon=4.0, delta=1e-4, noise=2.0, steps=6, batch=3.0, rank=2, chunk=64, checkpoint_every=2)


class Killed(BaseException):
    """As when the process dies."""


def silent(_: Progress) -> None:
    """Nobody watches."""


def session(at: Workplace, out: str = "out", show: Any = silent, notes: list[str] | None = None) -> Session:
    note = (notes if notes is not None else []).append
    return Session(at.ledger, at.budget, at.data, at.folder / out, "cli:test", show, note)


def as_it_is(at: Workplace) -> str | None:
    """What the record would keep of the only release."""
    (release,) = at.ledger.releases(at.budget)
    return at.ledger.told(at.budget, release.id)


def states(at: Workplace) -> list[str]:
    return [one.state for one in at.ledger.releases(at.budget)]


def test_a_run_leaves_an_adapter_and_its_privacy_statement(workplace: Workplace) -> None:
    seen: list[Progress] = []
    trained: Trained = session(workplace, show=seen.append).train(workplace.model, PLAN)
    out = workplace.folder / "out"
    assert {path.name for path in out.iterdir()} >= {"adapter_model.safetensors", "adapter.gguf", "README.md", "privacy.json"}
    assert not (out / CHECKPOINT).exists()
    assert 0 < trained.epsilon <= 4.0
    assert [one.steps for one in seen] == [1, 2, 3, 4, 5, 6]
    assert seen[-1].epsilon == pytest.approx(trained.epsilon)
    assert workplace.ledger.trained(workplace.budget) == (trained.epsilon, 1e-4)
    card = (out / "README.md").read_text(encoding="utf-8")
    for words in ("Poisson", "PRV", "subject, with at most 2 examples", trained.release, "0.0001"):
        assert words in card
    statement = json.loads((out / "privacy.json").read_bytes())
    (release,) = workplace.ledger.releases(workplace.budget)
    assert (statement["release"], statement["steps"], release.kind) == (release.id, 6, "training")


def test_a_run_that_died_goes_on_as_if_it_had_not(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbits", lambda _: 17)  # two runs that draw alike
    monkeypatch.setattr("torch.nn.init.kaiming_uniform_", lambda tensor, **_: tensor.data.fill_(0.01))
    session(workplace, "whole").train(workplace.model, PLAN)

    def dies(at: Progress) -> None:
        if at.steps == 5:
            raise Killed

    with pytest.raises(Killed):
        session(workplace, "stopped", dies).train(workplace.model, PLAN)
    spent = workplace.ledger.trained(workplace.budget)
    assert read_checkpoint(workplace.folder / "stopped" / CHECKPOINT).steps == 4
    assert (workplace.folder / "stopped" / CHECKPOINT).stat().st_mode & 0o077 == 0
    session(workplace, "stopped").resume(workplace.model, PLAN)
    assert states(workplace) == ["settled", "settled"]
    assert workplace.ledger.trained(workplace.budget)[0] <= spent[0]
    whole, resumed = (load_file(workplace.folder / name / "adapter_model.safetensors") for name in ("whole", "stopped"))
    assert all((whole[name] == resumed[name]).all() for name in whole)
    with pytest.raises(InvalidRequest):
        session(workplace, "stopped").resume(workplace.model, PLAN)


def test_what_a_run_spends_is_noted_before_its_first_step_and_before_it_is_settled(workplace: Workplace) -> None:
    notes: list[str] = []

    def dies(_: Progress) -> None:
        assert notes == [as_it_is(workplace)]
        raise Killed

    with pytest.raises(Killed):
        session(workplace, "out", dies, notes).train(workplace.model, PLAN)
    session(workplace, "out", notes=notes).resume(workplace.model, PLAN)
    assert notes == [notes[0], notes[0], as_it_is(workplace)]


def test_another_data_set_does_not_go_on_with_it(workplace: Workplace) -> None:
    def dies(_: Progress) -> None:
        raise Killed

    with pytest.raises(Killed):
        session(workplace, "out", dies).train(workplace.model, PLAN)
    other = read_data_set(put_data_set(workplace.folder / "other.jsonl", examples(30, 2), 2))
    with pytest.raises(InvalidRequest, match="another data set"):
        replace(session(workplace), data=other).resume(workplace.model, PLAN)
    assert states(workplace) == ["reserved"], "what a dead run reserved counts until it goes on"


@pytest.fixture
def stopped(workplace: Workplace) -> Path:
    """The checkpoint of a run that died."""

    def dies(at: Progress) -> None:
        if at.steps == 3:
            raise Killed

    with pytest.raises(Killed):
        session(workplace, "out", dies).train(workplace.model, PLAN)
    return workplace.folder / "out" / CHECKPOINT


@pytest.mark.parametrize(
    "other",
    [
        {"epsilon": 3.0},
        {"delta": 1e-5},
        {"noise": 1.5},
        {"steps": 5},
        {"clip": 2.0},
        {"rank": 4},
        {"batch": 2.0},
        {"chunk": 2},
    ],
    ids=str,
)
def test_a_run_goes_on_only_as_it_was_begun(workplace: Workplace, stopped: Path, other: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="begun with"):
        session(workplace).resume(workplace.model, replace(PLAN, **other))
    assert (states(workplace), stopped.exists()) == (["reserved"], True)


def test_a_checkpoint_cannot_say_that_more_was_paid_for(workplace: Workplace, stopped: Path) -> None:
    left = read_checkpoint(stopped)
    write_checkpoint(stopped, replace(left, plan={**left.plan, "noise": 0.3}))
    for wanted in (PLAN, replace(PLAN, noise=0.3)):
        with pytest.raises(InvalidRequest, match="not of the run that was paid for"):
            session(workplace).resume(workplace.model, wanted)
    write_checkpoint(stopped, replace(left, plan={**left.plan, "epsilon": 3.9}))
    with pytest.raises(InvalidRequest, match="not of the run that was paid for"):
        session(workplace).resume(workplace.model, PLAN)


@pytest.mark.parametrize(("broken_at", "state"), [(1, "released"), (3, "settled")])
def test_a_loss_that_is_no_number_spends_no_more(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, broken_at: int, state: str
) -> None:
    calls: list[int] = []
    right = step_module.losses

    def breaks(*given: Any) -> Any:
        calls.append(1)
        return right(*given) * (float("nan") if len(calls) >= broken_at else 1.0)

    monkeypatch.setattr(step_module, "losses", breaks)
    notes: list[str] = []
    with pytest.raises(InvalidRequest, match="no number"):
        session(workplace, notes=notes).train(workplace.model, PLAN)
    assert (len(notes), notes[-1]) == (2, as_it_is(workplace))
    (release,) = workplace.ledger.releases(workplace.budget)
    assert release.state == state
    assert not (workplace.folder / "out" / CHECKPOINT).exists()
    spent, _ = workplace.ledger.trained(workplace.budget)
    assert spent == 0.0 if state == "released" else 0.0 < spent < 3.9


def test_what_the_budget_does_not_allow_is_refused_before_a_step(workplace: Workplace) -> None:
    session(workplace, "first").train(workplace.model, replace(PLAN, steps=2))
    with pytest.raises(BudgetSpent):
        session(workplace, "second").train(workplace.model, replace(PLAN, epsilon=5.99, steps=2))
    assert states(workplace) == ["settled"]
    assert not (workplace.folder / "second").exists()
    with pytest.raises(InvalidRequest, match="not empty"):
        session(workplace, "first").train(workplace.model, PLAN)


def test_by_the_command(workplace: Workplace) -> None:
    def run(*options: str) -> Any:
        given = [str(workplace.dataset), "--model", str(workplace.model), "--state-dir", str(workplace.folder)]
        small = ["--batch", "3", "--noise", "2", "--rank", "2", "--steps", "2", "--delta", "1e-4", *options]
        return CliRunner().invoke(cli, ["dp", "train", *given, *small])

    for options, words in (
        (["--epsilon", "0"], "epsilon is above 0"),
        (["--epsilon", "1e9"], "epsilon is above 0"),
        (["--epsilon", "3", "--unit", "household"], "unit is one of"),
        (["--epsilon", "3", "--unit", "example"], "protects a subject"),
        (["--epsilon", "3", "--batch", "20"], "at most half"),
        (["--epsilon", "3", "--model", str(workplace.dataset)], "no causal language model"),
        (["--epsilon", "6.1"], "does not allow this run"),
    ):
        refused = run("--out", str(workplace.folder / "refused"), *options)
        assert (refused.exit_code, words in refused.output) == (1, True), refused.output
    assert workplace.ledger.trained(workplace.budget) == (0, 0)
    done = run("--out", str(workplace.folder / "made"), "--epsilon", "3")
    assert done.exit_code == 0, done.output
    assert "for each subject" in done.output
    assert Path(workplace.folder / "made" / "README.md").exists()
