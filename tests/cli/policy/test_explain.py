from __future__ import annotations

import asyncio
import functools
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.common.entity_types import entity_types
from gateway.cli.common.policy import opened
from gateway.cli.policy.commands import app
from gateway.policy.unread import decide_unread
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.recorded_calls import Call, fill, record_call

EXAMPLE = Path(__file__).parents[3] / "policies" / "example.yaml"
TYPES = functools.cache(entity_types)


@pytest.fixture(autouse=True)
def _types_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.common.policy.entity_types", TYPES)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["explain", *map(str, arguments), "--policy", str(EXAMPLE)])


def told(*arguments: object) -> dict[str, object]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert isinstance(answer, dict)
    return answer


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(EXAMPLE.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def states(answer: dict[str, object]) -> dict[str, str]:
    rules = answer["rules"]
    assert isinstance(rules, list)
    return {rule["id"].rpartition(".")[2]: rule["state"] for rule in rules}


LESSON = ("bank/training-team", "--model", "assistant", "--purpose", "training")
CAMPAIGN = ("bank/anna", "--team", "campaigns", "--model", "assistant")


def test_a_denial_names_its_rule_its_line_and_the_way_out() -> None:
    answer = told(*LESSON, "--findings", "PERSON=7")
    assert (answer["decision"], answer["rule"]) == ("deny", "tenants.bank.rules.few-people-in-lessons")
    assert answer["at"] == f"{EXAMPLE}:{line_of('few-people-in-lessons:')}:7"
    assert answer["remedies"] == ["at most 3 PERSON"]
    assert states(answer) == {"no-huge-requests": "did not", "cn-cards-stay": "did not", "few-people-in-lessons": "applied"}
    lines = run(*LESSON, "--findings", "PERSON=7").stdout.splitlines()
    assert lines[0] == "deny  bank/training-team  assistant on chat/completions, purpose training"
    assert lines[-2:] == ["  it would be allowed with", "    - at most 3 PERSON"]


def test_a_model_that_helps_and_is_not_granted() -> None:
    asked = ("bank/service-desk", "--model", "assistant", "--findings", "")
    assert told(*asked, "--helpers", "assistant")["decision"] == "allow"
    answer = told(*asked, "--helpers", "assistant, painter")
    assert (answer["decision"], answer["rule"]) == ("deny", "default-deny")
    assert answer["remedies"] == ["no model that a tool or the moderation of its request names"]


def test_an_allowance_says_what_must_be_done_and_what_waits() -> None:
    answer = told(*LESSON)
    assert answer["decision"] == "allow"
    assert "reply not restored" in str(answer["obligations"])
    assert states(answer)["few-people-in-lessons"] == "waits"
    assert answer["notes"] == ["rules that wait depend on what is found in the request: say it with --findings"]
    assert states(told(*LESSON, "--findings", ""))["few-people-in-lessons"] == "did not"


def test_a_rule_that_demands_shows_in_the_obligations() -> None:
    answer = told("bank/service-desk", "--model", "assistant", "--findings", "CN_BANK_CARD=1")
    assert states(answer)["cn-cards-stay"] == "applied"
    assert "route gpu-cn" in str(answer["obligations"])


def test_what_is_blocked_is_no_allowance() -> None:
    answer = told("bank/service-desk", "--model", "assistant", "--findings", "CN_ID=2,PERSON=1")
    assert (answer["decision"], answer["blocked"], answer["remedies"]) == ("block", ["CN_ID"], ["no CN_ID"])


@pytest.mark.parametrize(
    ("arguments", "rule", "at", "remedy"),
    [
        (CAMPAIGN, "purposes.marketing.consent", "  marketing: {basis", "a reference to a consent"),
        ((*CAMPAIGN, "--consent", "c", "--stream"), "tenants.bank.teams.campaigns.rules.leads-only", "leads-only:", "no stream"),
        ((*CAMPAIGN, "--consent", "c", "--purpose", "support"), "purposes", "purposes: [marketing]", "purpose marketing (x-"),
        (("bank/service-desk", "--model", "gpt"), "default-deny", None, "model assistant"),
        (("analytics/notebook", "--model", "multilingual-e5-small"), "models.multilingual-e5-small.surfaces", "  multilingual-e5-small: {", "model assistant"),
        (("bank/ghost", "--model", "assistant"), "default-deny", None, "a place in the policy: ghost under tenants.bank.principals"),
    ],
)  # fmt: skip
def test_each_denial_has_a_place_and_a_way_out(arguments: tuple[str, ...], rule: str, at: str | None, remedy: str) -> None:
    answer = told(*arguments)
    assert (answer["decision"], answer["rule"]) == ("deny", rule)
    assert answer["at"] is None if at is None else str(answer["at"]).startswith(f"{EXAMPLE}:{line_of(at)}:")
    remedies = answer["remedies"]
    assert isinstance(remedies, list)
    assert any(one.startswith(remedy) for one in remedies)


def test_two_changes_are_named_together_where_one_is_not_enough() -> None:
    answer = told(*CAMPAIGN, "--stream")
    assert answer["remedies"] == ["a reference to a consent (x-gateway-consent, or consent in metadata) and no stream"]
    assert states(answer)["leads-only"] == "not asked"


def test_where_nothing_helps_that_is_said() -> None:
    answer = told("bank/service-desk", "--model", "assistant", "--bytes", "2000000")
    assert answer["remedies"] == []
    assert answer["notes"] == ["no change of the request alone would be enough: the policy would have to say otherwise"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["bank/service-desk"],
        ["--model", "assistant"],
        ["bank", "--model", "assistant"],
        ["bank/service-desk", "--model", "assistant", "--findings", "PERSN=1"],
        ["bank/service-desk", "--model", "assistant", "--findings", "PERSON=many"],
        ["bank/service-desk", "--model", "assistant", "--call", "c"],
    ],
)
def test_a_mistake_in_the_command_is_status_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


class TestRecordedCalls:
    @pytest.fixture
    def state(self, tmp_path: Path) -> Path:
        policy = opened(EXAMPLE).compiled
        facts = Facts(model="assistant", surface=Surface.CHAT, purpose="training", stream=True)
        calls = [
            Call(id="c-lesson", who="bank/training-team", facts=facts, findings={"PERSON": 6}),
            Call(id="c-good", who="bank/training-team", facts=facts, findings={"PERSON": 2}),
            Call(id="c-odd", who="bank/training-team", facts=Facts(model="whatever", surface=Surface.CHAT)),
        ]
        asyncio.run(fill(tmp_path / "audit.sqlite", *(record_call(policy, call) for call in calls)))
        return tmp_path

    def test_a_call_is_explained_by_its_record_and_by_the_policy_in_force(self, state: Path) -> None:
        result = run("--call", "c-lesson", "--state-dir", state)
        assert result.exit_code == 0, result.output
        assert "c-lesson  denied (policy_denied)" in result.stdout
        assert "the policy in force would say the same" in result.stdout
        assert "    - at most 3 PERSON" in result.stdout
        assert "consent" not in result.stdout

    def test_for_programs(self, state: Path) -> None:
        answer = told("--call", "c-good", "--state-dir", state)
        recorded = answer["recorded"]
        assert isinstance(recorded, dict)
        assert recorded["decision"]["obligations"] == answer["obligations"]
        assert answer["decision"] == "allow"

    def test_what_the_record_does_not_hold_is_said(self, state: Path) -> None:
        result = run("--call", "c-odd", "--state-dir", state)
        assert "the record does not hold the model's name" in result.stdout
        assert "whatever" not in result.stdout

    def test_no_such_call_and_no_record(self, state: Path, tmp_path: Path) -> None:
        assert run("--call", "c-none", "--state-dir", state).exit_code == 1
        missing = run("--call", "c-none", "--state-dir", tmp_path / "nowhere")
        assert (missing.exit_code, missing.stderr.strip()) == (
            1,
            f"there is no record in {tmp_path / 'nowhere'}; --state-dir names another",
        )


def test_what_a_policy_writes_cannot_move_the_cursor_or_begin_a_line(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    rule = 'rules: {loud: {when: request.messages > 0, deny: "\\e[2J\\nallow  bank/desk"}}'
    policy.write_text(
        "version: 1\ndeployments: {d: {base_url: 'http://h/v1'}}\nmodels: {m: {deployments: [d]}}\n"
        f"tenants: {{bank: {{models: [m], principals: {{desk: {{}}}}, {rule}}}}}\n"
    )
    result = CliRunner().invoke(app, ["explain", "bank/desk", "--model", "m", "--policy", str(policy)])
    assert "  reason  \\x1b[2J\\nallow  bank/desk" in result.stdout.splitlines()


def test_a_tenant_that_the_policy_does_not_know_is_looked_for_in_another_file() -> None:
    refused = run("nobody/app", "--model", "assistant")
    assert (refused.exit_code, refused.stdout) == (1, "")
    fix = "name one of the tenants bank, analytics, or another file with --policy"
    assert refused.stderr == f"{EXAMPLE} has no place for nobody/app; fix: {fix}\n"


@pytest.mark.parametrize(("more", "verdict"), [("", "allow"), ("    record: {content: redacted}\n", "deny")])
def test_a_call_that_only_its_caller_could_read_is_explained_as_that(tmp_path: Path, more: str, verdict: str) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "version: 1\n"
        "deployments:\n"
        "  clear: {base_url: 'http://gpu-1:8000/v1'}\n"
        "  sealed: {protocol: fhe, base_url: 'fhes://sealed:8790', client_file: client.gguf, sidecars: true}\n"
        "models: {m: {deployments: [clear, sealed]}, other: {deployments: [clear]}}\n"
        f"tenants:\n  clinic:\n    models: [m, other]\n    principals: {{ward: {{}}}}\n{more}"
        "    rules: {crowds: {when: findings.PERSON > 3, demand: {entities: {PERSON: mask}}}}\n"
    )
    call = Call(id="c-sealed", who="clinic/ward", facts=Facts(model="m", surface=Surface.CHAT))
    asyncio.run(fill(tmp_path / "audit.sqlite", record_call(opened(policy).compiled, call, decide=decide_unread)))
    said = CliRunner().invoke(app, ["explain", "--call", "c-sealed", "--policy", str(policy), "--state-dir", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert "the policy in force would say the same" in said.stdout
    assert f"{verdict}  clinic/ward  m" in said.stdout
    assert "applied      tenants.clinic.rules.crowds" in said.stdout
    assert "it would be allowed with" not in said.stdout
    assert "only its caller could read it" in said.stdout
