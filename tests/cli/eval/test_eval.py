"""`gateway eval` through a real gateway, and over the copies on its record."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.event import ExchangeRecord
from gateway.cli.commands import cli
from gateway.sensitivity.weights import STARTER_DIGEST
from tests.support.backend import backend_in_thread
from tests.support.gateway import RunningGateway, running_gateway

POLICY = """\
version: 1
deployments:
  gpu: {{base_url: "{url}"}}
  copy: {{base_url: "{url}"}}
  gone: {{base_url: "http://127.0.0.1:9/v1"}}
models:
  assistant: {{deployments: [gpu], routing: {{shadow: {{deployment: copy, percent: 100}}}}}}
  candidate: {{deployments: [copy]}}
  broken: {{deployments: [gone], routing: {{retries: 0}}}}
tenants:
  acme:
    models: [assistant, candidate, broken]
    entities: {{default: keep}}
    record: {{content: redacted}}
    rules:
      no-mails: {{when: request.model == "candidate" && request.messages > 1, deny: One at a time.}}
      ill: {{when: content.health >= 0.5, deny: Ask a doctor.}}
    principals: {{app: {{}}}}
anonymous: acme/app
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with (
        backend_in_thread() as backend,
        running_gateway(tmp_path_factory.mktemp("eval"), POLICY.format(url=backend.url)) as gateway,
    ):
        yield gateway


def asked(gateway: RunningGateway, lines: list[dict[str, object]], against: str, *more: str) -> Result:
    path = gateway.settings.state_dir / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    url = str(gateway.http.base_url).rstrip("/")
    return CliRunner().invoke(
        cli, ["eval", "set", str(path), "--model", "assistant", "--against", against, "--url", url, *more]
    )


def test_equals_are_not_worse(gateway: RunningGateway) -> None:
    lines: list[dict[str, object]] = [{"prompt": f"Say {n}", "refuse": False, "reference": f"{n}"} for n in range(4)]
    result = asked(gateway, lines, "candidate", "--json", "--least", "0.9")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert (told["first"]["passed"], told["second"]["passed"], told["pass_chance"]) == (4, 4, 1.0)
    assert told["differences"]["overlap"]["median"] == 0
    assert told["differences"]["whole ms"]["pairs"] == 4


def test_one_that_refuses_what_the_other_answers_is_worse(gateway: RunningGateway) -> None:
    twice = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
    lines: list[dict[str, object]] = [{"id": f"case {n}", "messages": twice, "refuse": False} for n in range(6)]
    result = asked(gateway, lines, "candidate")
    assert result.exit_code == 1
    assert "WORSE: it passes fewer, more than chance explains" in result.output
    assert "only assistant passes: case 5" in result.output


def test_a_rule_on_content_refuses_and_is_on_record(gateway: RunningGateway) -> None:
    ill = "My biopsy showed a tumour and the oncologist wants to start chemotherapy."
    result = asked(gateway, [{"prompt": ill, "refuse": True}], "candidate", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["second"]["refused"] == 1
    record = gateway.records()[-1]
    assert record.decision is not None
    assert (record.decision.rule, record.asked is not None) == ("tenants.acme.rules.ill", True)
    (told,) = record.content_scores
    assert (told.weights, told.decides) == (STARTER_DIGEST[7:19], True)
    assert told.scores["health"] >= 0.5
    assert "biopsy" not in record.to_json()
    assert ExchangeRecord.from_json(record.to_json()) == record


def test_one_that_cannot_be_reached_is_worse(gateway: RunningGateway) -> None:
    result = asked(gateway, [{"prompt": "Say 1", "refuse": False}], "broken")
    assert result.exit_code == 1
    assert "WORSE: a request failed: upstream_unreachable" in result.output


def test_where_neither_answers_nothing_is_said_of_either(gateway: RunningGateway) -> None:
    result = asked(gateway, [{"prompt": "Say 1", "refuse": False}], "candidate", "--url", "http://127.0.0.1:9/v1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "neither answered anything (unreachable): look at --url" in result.stderr


def test_a_set_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["eval", "set", str(tmp_path / "no.jsonl"), "--model", "a", "--against", "b"])
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path / 'no.jsonl'} cannot be read: no such file or directory\n")


@pytest.mark.parametrize("line", [{"prompt": "x"}, {"refuse": True}, {"prompt": "secret words", "refuse": True, "other": 1}])
def test_what_is_no_case_is_refused_without_quoting_it(gateway: RunningGateway, line: dict[str, object]) -> None:
    result = asked(gateway, [line], "candidate")
    assert result.exit_code == 2
    assert "Line 1 is no case" in result.output
    assert "secret" not in result.output


def test_copies_on_the_record(gateway: RunningGateway) -> None:
    for _ in range(3):
        assert gateway.chat("hello", model="assistant").status_code == 200
    deadline, args = time.monotonic() + 15, ["eval", "shadow", "assistant", "--state-dir", str(gateway.settings.state_dir)]
    while True:
        result = CliRunner().invoke(cli, [*args, "--json", "--overlap", "0.9"])
        if result.exit_code == 0 and json.loads(result.output)["first"]["calls"] >= 3:
            break
        assert time.monotonic() < deadline, result.output
        time.sleep(0.1)
    told = json.loads(result.output)
    assert (told["second"]["failed"], told["second"]["overlap"], told["worse"]) == (0, 1.0, [])
    nothing = CliRunner().invoke(cli, [*args[:2], "candidate", *args[3:]])
    assert nothing.exit_code == 1
    assert "no copies" in nothing.output
