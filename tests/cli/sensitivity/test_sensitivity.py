"""`gateway sensitivity`: verdicts with their words, and classifiers learnt from labelled examples, with and without a budget."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.act_reader import read_acts
from gateway.cli.commands import cli
from gateway.cli.sensitivity.examples import read_lines
from gateway.dp.ledger import Ledger
from gateway.errors import InvalidRequest
from gateway.sensitivity.verdict import scores
from gateway.sensitivity.weights import digest_of, read_weights
from tests.dp.records import a_budget
from tests.store.databases import sqlite_at

POLICY = """\
version: 1
deployments: {gpu: {base_url: "http://127.0.0.1:9/v1"}}
models: {small: {deployments: [gpu]}}
tenants: {acme: {models: [small], principals: {app: {}}}}
"""
Train = Callable[..., Result]


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    out, nowhere = str(tmp_path / "w.npz"), tmp_path / "nowhere"
    absent = run("sensitivity", "train", str(nowhere), "--tenant", "acme", "--out", out)
    assert (absent.exit_code, absent.stderr) == (1, f"{nowhere} cannot be read: no such file or directory\n")
    start = run("sensitivity", "train", str(nowhere), "--tenant", "acme", "--out", out, "--start", str(nowhere))
    assert (start.exit_code, start.stderr.startswith(f"{nowhere}: ")) == (1, True)
    explained = run("sensitivity", "explain", "hello", "--weights", str(nowhere))
    assert (explained.exit_code, explained.stderr.startswith(f"{nowhere}: ")) == (1, True)
    folder = run("sensitivity", "train", str(nowhere), "--tenant", "acme", "--out", str(nowhere / "w.npz"))
    assert (folder.exit_code, str(nowhere / "w.npz") in folder.stderr) == (1, True)


class Bench:
    """Stands in for the recognizers, which take seconds to load."""

    def redacted(self, text: str, advance: Callable[[int], None]) -> str:
        return text.replace("anna@example.org", "<EMAIL_ADDRESS_1>")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state with two budgets: one that is paid from, and one that nothing may be taken of."""
    folder = tmp_path_factory.mktemp("sensitivity")
    (folder / "p.yaml").write_text(POLICY, encoding="utf-8")
    with closing(sqlite_at(folder / "audit.sqlite")) as database:
        common = {"contributions": 2, "epsilon": 8.0}
        Ledger(database).declare(a_budget(data_set="paid", **common), "cli:test")
        later = {"since": "2026-02-01T00:00:00.000Z", "until": "2026-03-01T00:00:00.000Z"}
        Ledger(database).declare(a_budget(data_set="labelled", **later, **common), "cli:test")
        ever = {"since": "2026-03-01T00:00:00.000Z", "until": "9999-01-01T00:00:00.000Z"}
        Ledger(database).declare(a_budget(data_set="open", **ever, **common), "cli:test")
    return folder


@pytest.fixture
def train(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Train:
    monkeypatch.setattr("gateway.cli.sensitivity.train.workbench", lambda policy, tenant: Bench())

    def train(lines: list[dict[str, object]], *more: str) -> Result:
        path = tmp_path / "labelled.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        where = [
            "--policy",
            str(home / "p.yaml"),
            "--state-dir",
            str(home),
            "--tenant",
            "acme",
            "--out",
            str(tmp_path / "own.npz"),
        ]
        return run("sensitivity", "train", str(path), *where, *more)

    return train


def releases(home: Path, data_set: str) -> list[dict[str, object]]:
    told = run("dp", "releases", "--tenant", "acme", "--data-set", data_set, "--json", "--state-dir", str(home))
    found: list[dict[str, object]] = json.loads(told.output)
    return found


def examples(writers: int) -> list[dict[str, object]]:
    about = [
        {"text": f"zyklotron bluebird of anna@example.org, part {n % 5}", "labels": ["trade_secret"]} for n in range(writers)
    ]
    other = [{"text": f"weather in the garden, part {n % 5}", "labels": []} for n in range(writers)]
    return [{**one, "subject": f"u{n}"} for n, one in enumerate([*about, *other])]


def test_a_verdict_says_its_words() -> None:
    told = json.loads(run("sensitivity", "explain", "the oncologist found a tumour", "--json").output)
    assert told["health"]["score"] > told["hr"]["score"]
    assert "tumour" in told["health"]["words"]
    assert "tumour +" in run("sensitivity", "explain", "the oncologist found a tumour").output


def test_learning_without_a_budget_says_that_it_promises_nothing(train: Train, tmp_path: Path) -> None:
    result = train(examples(20))
    assert result.exit_code == 0, result.output
    weights = read_weights(tmp_path / "own.npz")
    assert scores(weights, "zyklotron bluebird")["trade_secret"] > 0.5 > scores(weights, "the garden")["trade_secret"]
    card = json.loads((tmp_path / "own.card.json").read_bytes())
    assert card["digest"] == digest_of((tmp_path / "own.npz").read_bytes())
    assert card["digest"] in result.output
    assert card["privacy"].startswith("none")
    assert "rules that ask for a score may now mean another one" in card["scores"]
    assert "scores are chances" in result.output
    assert b"zyklotron" not in (tmp_path / "own.card.json").read_bytes()


def test_learning_with_noise_is_paid_for_once(train: Train, tmp_path: Path, home: Path) -> None:
    lines, paid = examples(40), ["--data-set", "paid", "--epsilon", "7"]
    result = train(lines, *paid)
    assert result.exit_code == 0, result.output
    card = json.loads((tmp_path / "own.card.json").read_bytes())["privacy"]
    assert 6.5 < card["epsilon"] <= 7
    assert (card["unit"], card["contributions"], card["delta"]) == ("subject", 2, 1e-6)
    assert card["sampling"] == "none: every subject is in every step"
    (release,) = releases(home, "paid")
    assert (release["id"], release["state"]) == (card["release"], "settled")
    again = train(lines, *paid)
    assert (again.exit_code, "learnt from before" in again.output) == (1, True)
    more = train(examples(30), *paid)
    assert (more.exit_code, "does not allow" in more.output) == (1, True)
    with closing(sqlite_at(home / "audit.sqlite")) as database:
        acts = [row.act for row in read_acts(database, limit=20) if row.act.action == "dp.train"]
    assert [act.outcome.value for act in acts][::-1] == ["done", "failed", "failed"]


TWO: list[dict[str, object]] = [{"text": "x", "subject": "u"}, {"text": "y", "subject": "v"}]
PAY = ["--data-set", "labelled", "--epsilon"]


@pytest.mark.parametrize(
    ("lines", "more", "words"),
    [
        ([{"text": "x", "labels": ["helth"]}], [], "Line 1 is no example"),
        ([*TWO, {"text": "x", "tenant": "other"}], [*PAY, "1"], "Line 3 is no example"),
        ([{"text": float("nan")}], [*PAY, "1"], "Line 1 is no example"),
        ([], [], "1 to"),
        ([], [*PAY, "1"], "1 to"),
        ([{"text": "x", "labels": []}], [*PAY, "1"], "who wrote it"),
        ([{"text": "x", "subject": "u"}] * 3, [*PAY, "1"], "one subject's"),
        (TWO, [*PAY, "0"], "epsilon"),
        (TWO, [*PAY, "nan"], "epsilon"),
        (TWO, [*PAY, "1e9"], "epsilon"),
        (TWO, ["--data-set", "gone", "--epsilon", "1"], "No budget"),
        (TWO, [*PAY, "1", "--tenant", "other"], "No budget"),
        (TWO, ["--data-set", "open", "--epsilon", "1"], "is not over"),
        (TWO, [*PAY, "1", "--out", "nowhere/own.npz"], "cannot be written there"),
    ],
)
def test_what_cannot_be_learnt_costs_nothing(
    train: Train, tmp_path: Path, home: Path, lines: list[dict[str, object]], more: list[str], words: str
) -> None:
    result = train(lines, *more)
    assert (result.exit_code, words in result.output) == (1, True), result.output
    with closing(sqlite_at(home / "audit.sqlite")) as database:
        assert Ledger(database).releases(a_budget(data_set="labelled")) == ()
    assert not (tmp_path / "own.npz").exists()


def test_epsilon_takes_a_budget(train: Train) -> None:
    assert train(examples(2), "--epsilon", "1").exit_code == 2


def test_a_text_may_hold_what_ends_lines_elsewhere_and_lines_are_counted_as_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text('\n{"text": "one\u2028two\x85three"}\r\n\n', encoding="utf-8", newline="")
    assert [one.text for one in read_lines(path)] == ["one\u2028two\x85three"]
    path.write_text('\n{"text": "one"}\n\n{}\n', encoding="utf-8")
    with pytest.raises(InvalidRequest, match="Line 4 is no example"):
        read_lines(path)
