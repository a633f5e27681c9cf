from __future__ import annotations

import json
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from gateway.cli.common.progress import Bar
from gateway.cli.detect.commands import app
from gateway.detection.recognizers.registry import pattern_recognizers

POLICIES = Path(__file__).parents[3] / "policies"
CARD = "4539148803436467"
PACK = pattern_recognizers()


@pytest.fixture(autouse=True)
def _patterns_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taggers take a while to load, and what they find changes."""
    monkeypatch.setattr("gateway.detection.recognizers.registry.default_recognizers", lambda: PACK)
    monkeypatch.setattr("gateway.cli.detect.session.Console", lambda stderr: Console(file=StringIO()))


def _run(*arguments: object, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=given)


def _write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_text_is_shown_as_a_table() -> None:
    result = _run(f"card {CARD}, mail jane@example.com")
    assert result.exit_code == 0
    _, _, card, mail, *_ = result.stdout.splitlines()[1:]
    assert card.split() == ["5-21", "CREDIT_CARD", CARD, "1.00", "CreditCard"]
    assert mail.split()[:3] == ["28-44", "EMAIL_ADDRESS", "jane@example.com"]


def test_nothing_found_is_no_error() -> None:
    result = _run("Good morning!")
    assert (result.exit_code, result.stdout) == (0, "nothing found\n")


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    assert "\u202d" not in _run(f"card 4539\u202d{CARD[4:]} please", "--explain").stdout
    assert "\\u200b" in _run(f"card 4539\u200b{CARD[4:]} please").stdout


def test_json_is_one_object() -> None:
    text = f"卡号{CARD}"
    (finding,) = json.loads(_run(text, "--json").stdout)["findings"]
    assert finding == {
        "start": 2, "end": 18, "entity": "CREDIT_CARD", "score": 1.0, "recognizer": "CreditCard", "text": CARD
    }  # fmt: skip


def test_json_holds_whatever_is_asked_for() -> None:
    report = json.loads(_run("routing number 021000021", "--json", "--redacted", "--explain").stdout)
    assert report["redacted"] == "routing number <ABA_ROUTING_NUMBER_1>"
    assert report["dropped"] == []
    (vote,) = report["findings"][0]["votes"]
    assert (vote["reason"], vote["lost"]) == ("form, its check passed, after the word 'routing'", False)


def test_a_redacted_copy_changes_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "mail.txt"
    file.write_bytes(b"\xef\xbb\xbfDear <PERSON_1>,\r\n\r\njane@example.com\r\n")
    result = _run("--file", file, "--redacted")
    assert result.stdout_bytes == b"Dear <PERSON_1>,\r\n\r\n<EMAIL_ADDRESS_1>\r\n"


@pytest.mark.parametrize(
    ("operator", "copy"), [("mask", "card ****************"), ("drop", "card "), ("keep", f"card {CARD}"), ("block", None)]
)
def test_operators(operator: str, copy: str | None) -> None:
    result = _run(f"card {CARD}", "--redacted", "--operator", operator)
    assert (result.exit_code, result.stdout) == ((0, f"{copy}\n") if copy is not None else (3, ""))
    assert (operator == "block") == ("CREDIT_CARD" in result.stderr)
    assert CARD not in result.stderr


def test_standard_input() -> None:
    assert [f["start"] for f in json.loads(_run("-", "--json", given=f"\r\n卡号{CARD}\r\n").stdout)["findings"]] == [4]


def test_offsets_of_a_long_text_are_its_own(tmp_path: Path) -> None:
    text = f"{'Nothing to see here. ' * 100}\n\n" * 3 + f"card {CARD}"
    file = tmp_path / "long.txt"
    file.write_text(text)
    (found,) = json.loads(_run("--file", file, "--json").stdout)["findings"]
    assert (found["start"], found["end"]) == (text.index(CARD), len(text))


@pytest.mark.parametrize("raw", [b"a\xffb", b"\xed\xa0\x80"])
def test_what_is_not_utf8_is_an_error(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "bad.txt"
    file.write_bytes(raw)
    result = _run("--file", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{file} is not UTF-8 (byte ")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    result = _run("--file", tmp_path / "absent")
    assert result.exit_code == 1
    assert result.stderr == f"{tmp_path / 'absent'} cannot be read: no such file or directory\n"


@pytest.mark.parametrize(
    "arguments",
    [("text",), ("a", "--file", "b"), ("a", "--operator", "mask"), ("a", "--policy", "b"), ("eval", "a", "b", "--pred", "c")],
)
def test_mistakes_in_the_command(arguments: tuple[str, ...]) -> None:
    assert _run(*arguments).exit_code == 2


def test_the_name_of_a_command_can_be_a_text() -> None:
    assert _run("--", "spans").stdout == "nothing found\n"


def test_a_tenants_policy_decides() -> None:
    """In the example, the service desk masks cards and lets dates pass."""
    text = f"card {CARD} on 2026-01-31, jane@example.com"
    result = _run(text, "--redacted", "--policy", POLICIES / "demo.yaml", "--tenant", "demo")
    assert result.exit_code == 0
    assert CARD not in result.stdout
    assert "jane@" not in result.stdout


def test_a_tenants_own_recognizers_count(tmp_path: Path) -> None:
    policy = tmp_path / "own.yaml"
    own = "    detection:\n      recognizers:\n        - {entity: BADGE, patterns: ['EMP-[0-9]{6}']}\n      allow: [ok@example.com]\n"
    policy.write_text(
        "version: 1\ndeployments: {d: {base_url: 'http://h/v1'}}\nmodels: {m: {deployments: [d]}}\n"
        f"tenants:\n  acme:\n    models: [m]\n    principals: {{app: {{}}}}\n{own}"
    )
    report = json.loads(
        _run("EMP-123456, ok@example.com", "--json", "--explain", "--policy", policy, "--tenant", "acme").stdout
    )
    assert [(f["entity"], f["text"], len(f["votes"])) for f in report["findings"]] == [("BADGE", "EMP-123456", 1)]
    assert [vote["entity"] for vote in report["dropped"]] == ["EMAIL_ADDRESS"]


def test_an_unknown_tenant_is_an_error() -> None:
    result = _run("hello", "--policy", POLICIES / "demo.yaml", "--tenant", "nobody")
    assert result.exit_code == 1
    assert "nobody of this tenant may use a model" in result.stderr


def test_spans_in_the_order_of_the_lines(tmp_path: Path) -> None:
    file = _write(tmp_path / "in.jsonl", {"text": f"卡号{CARD}"}, {"text": ""}, {"text": "SSN 219-09-9999", "id": 7})
    assert [json.loads(line) for line in _run("spans", file).stdout.splitlines()] == [
        {"spans": [[2, 18, "CARD"]]},
        {"spans": []},
        {"spans": [[4, 15, "SSN"]]},
    ]
    assert _run("spans", "-", given=file.read_text()).stdout == _run("spans", file).stdout


@pytest.mark.parametrize("end", ["", "\r\n", "\r\n\r\n", "\n\n", " \n"])
def test_blank_lines_at_the_end_do_not_count(end: str) -> None:
    result = _run("spans", "-", given=f'{{"text": ""}}\r\n{{"text": ""}}{end}')
    assert (result.exit_code, result.stdout) == (0, '{"spans": []}\n' * 2)


def test_no_lines_no_spans() -> None:
    result = _run("spans", "-", given="")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not JSON"),
        ("[]", "no object"),
        ('{"x": 1}', "no 'text'"),
        ('{"text": 1}', "'text' is no string"),
        ("", "not JSON"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_printed(tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text('{"text": "jane@example.com"}\n' + line + '\n{"text": "b"}\n')
    result = _run("spans", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{file}, line 2: {fault}\n"


def test_eval_prints_every_label_and_the_sums(tmp_path: Path) -> None:
    gold = _write(
        tmp_path / "gold.jsonl",
        {"text": f"card {CARD}", "spans": [[5, 21, "CARD"]]},
        {"text": "Ann jane@example.com", "spans": [[0, 3, "PERSON"]], "ignore": [[4, 20]]},
    )
    lines = _run("eval", gold).stdout.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.split()}
    assert rows["CARD"] == ["1", "1.000", "1.000", "1.000", "1.000", "1.000"]
    assert rows["PERSON"] == ["1", "0.000", "0.000", "0.000", "0.000", "0.000"]
    assert rows["ALL"] == ["2", "1.000", "0.500", "0.667", "0.556", "0.667"]
    assert rows["leak"][0] == "0.500"
    assert any(line.startswith("leak ") and line.endswith("of clean characters covered") for line in lines)
    (scores,) = json.loads(_run("eval", gold, "--json").stdout).values()
    assert (scores["leak"], scores["over"], scores["rows"]["CARD"]["f1"]) == (0.5, 0.0, 1.0)


def test_eval_of_predictions_asks_no_recognizer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("gateway.detection.recognizers.registry.default_recognizers")
    gold = _write(tmp_path / "gold.jsonl", {"text": "Ann Lee", "spans": [[0, 7, "PERSON"]]})
    pred = _write(tmp_path / "pred.jsonl", {"spans": [[0, 3, "PERSON"]]})
    (scores,) = json.loads(_run("eval", gold, "--pred", pred, "--json").stdout).values()
    assert (scores["rows"]["PERSON"]["f1"], scores["rows"]["PERSON"]["strict_f1"], scores["leak"]) == (1.0, 0.0, 1.0)
    short = _write(tmp_path / "short.jsonl")
    assert _run("eval", gold, "--pred", short).stderr == "1 labelled lines, 0 predictions\n"


@pytest.mark.parametrize("spans", [[[0, 99, "PERSON"]], [[3, 1, "PERSON"]], [[-1, 2, "PERSON"]], [[0, 1]], 7, [["a", 1, "P"]]])
def test_eval_refuses_spans_that_cannot_be(tmp_path: Path, spans: object) -> None:
    result = _run("eval", _write(tmp_path / "gold.jsonl", {"text": "Ann", "spans": spans}))
    assert result.exit_code == 1
    assert ", line 1: " in result.stderr


def test_the_bar_shows_only_on_a_terminal_and_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    for terminal in (True, False):
        began = time.monotonic()
        with Bar(10, Console(file=StringIO(), force_terminal=terminal)) as bar:
            bar.advance(1)
            assert not bar.is_shown
            monkeypatch.setattr("gateway.cli.common.progress.time.monotonic", lambda began=began: began + 5)
            bar.advance(1)
            assert bar.is_shown is terminal
        monkeypatch.undo()


def test_the_commands_import_nothing_heavy() -> None:
    code = (
        "import sys, typer; from gateway.cli.commands import cli; assert [*typer.main.get_command(cli).commands.values()]; "
        "sys.exit(any(m in sys.modules for m in ('presidio_analyzer', 'spacy', 'onnxruntime')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
