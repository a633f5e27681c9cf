from __future__ import annotations

import sys

import pytest

from gateway.policy.testing.run import Outcome, Runner, facts_of, principal_of
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from tests.support.policy_suites import POLICY, Read

HEAD = "  - name: one\n    principal: demo/app\n    request: {model: small, purpose: support}\n"


def run(read: Read, rest: str) -> Outcome:
    (outcome,) = Runner().run(read(HEAD + rest))
    return outcome


def differing(outcome: Outcome) -> dict[str, tuple[str, str]]:
    return {".".join(one.path): (one.expected, one.got) for one in outcome.differences}


PASSING = [
    "expect: {decision: allow, rule: tenants.demo.models, reason: for support, rules: [], blocked: []}",
    "expect: {obligations: {restore: true, deployments: [eu, cn], cache: none, retention_days: 30, record_content: false}}",
    "expect: {obligations: {request: {default: placeholder, CREDIT_CARD: mask, PERSON: placeholder}, reply: {default: keep}}}",
    "expect: {obligations: {store: none}}",
    "expect: {obligations: {uninspected: [audio, image], prefixes: [[Dear]], system: []}}",
    "expect: {obligations: {limits: [{scope: organisation, requests: 100/minute}, {scope: models.small, concurrent: 9}]}}",
    "expect: {obligations: {limits: [{scope: tenants.demo}]}}",
    "expect: {obligations: {limits: [{scope: models.small, concurrent: 9, when_unavailable: refuse}]}}",
    "findings: {PERSON: 4}\n    expect: {decision: deny, rule: tenants.demo.rules.crowds, reason: Too many}",
    "findings: {CREDIT_CARD: 1}\n    expect: {rules: [tenants.demo.rules.cards], obligations: {deployments: [cn]}}",
    "findings: {CREDIT_CARD: 1}\n    expect: {obligations: {record: {PERSON: drop, CREDIT_CARD: mask}, knowledge: {PERSON: placeholder}}}",
    "findings: {SECRET: 1, PERSON: 0}\n    expect: {decision: allow, blocked: [SECRET]}",
]


@pytest.mark.parametrize("rest", PASSING)
def test_what_is_as_expected_passes(read: Read, rest: str) -> None:
    assert differing(run(read, f"    {rest}\n")) == {}


def test_how_long_items_are_kept_is_compared_in_whatever_unit(read: Read) -> None:
    policy = POLICY.replace("{restore: true}", "{restore: true, store: 1h}")
    cases = "".join(HEAD.replace("one", n) + f"    expect: {{obligations: {{store: {n}}}}}\n" for n in ("60m", "2h", "none"))
    outcomes = Runner().run(read(cases, policy))
    told = [differing(outcome).get("obligations.store") for outcome in outcomes]
    assert told == [None, ("7200s", "3600s"), ("none", "3600s")]


def test_only_what_is_written_is_compared(read: Read) -> None:
    assert run(read, "    findings: {PERSON: 9}\n    expect: {rule: tenants.demo.rules.crowds}\n").passed


def test_each_difference_is_told(read: Read) -> None:
    outcome = run(
        read,
        """\
    findings: {SECRET: 2}
    expect:
      decision: deny
      rule: tenants.demo.rules.crowds
      reason: because
      rules: [tenants.demo.rules.cards]
      blocked: []
      obligations:
        request: {PERSON: mask}
        restore: false
        retention_days: null
        deployments: [cn]
        limits:
          - {scope: organisation, requests: 1/minute, when_unavailable: count_locally}
          - {scope: nowhere, spend: 0.5/day}
""",
    )
    told = differing(outcome)
    assert told["decision"] == ("deny", "allow")
    assert told["rule"] == ("tenants.demo.rules.crowds", "tenants.demo.models")
    assert told["reason"][0] == "because"
    assert told["rules"] == ("[tenants.demo.rules.cards]", "[]")
    assert told["blocked"] == ("[]", "[SECRET]")
    assert told["obligations.request.PERSON"] == ("mask", "placeholder")
    assert told["obligations.restore"] == ("false", "true")
    assert told["obligations.retention_days"] == ("nothing", "30")
    assert told["obligations.deployments"] == ("[cn]", "[eu, cn]")
    assert told["obligations.limits"] == ("[limit nowhere 0.5 spend/86400s]", "[]")
    assert told["obligations.when_unavailable"] == ("count_locally", "refuse")
    assert len(outcome.differences) == 12


def test_a_denied_exchange_has_no_obligations(read: Read) -> None:
    outcome = run(read, "    findings: {PERSON: 4}\n    expect: {obligations: {restore: true}}\n")
    assert differing(outcome) == {"obligations": ("those of an exchange that is allowed", "none: it is denied")}


def test_callers_and_requests_reach_policy_whole(read: Read) -> None:
    (case,) = read(
        "  - name: one\n    principal: {tenant: demo, id: x, team: desk, roles: [lead, 'Gateway Auditors']}\n"
        "    request: {model: m, surface: responses, purpose: p, consent: c, stream: true, messages: 3, tools: 2, bytes: 9, max_tokens: 7,\n"
        "      helpers: [painter]}\n"
        "    expect: {decision: deny}\n"
    ).suite.tests
    assert (principal_of(case).team, principal_of(case).roles) == ("desk", frozenset({"lead", "Gateway Auditors"}))
    assert facts_of(case) == Facts(
        model="m",
        surface=Surface.RESPONSES,
        stream=True,
        purpose="p",
        consent="c",
        messages=3,
        tools=2,
        bytes=9,
        max_tokens=7,
        helpers=("painter",),
    )


def test_an_unlisted_caller_of_an_open_team_has_its_terms(read: Read) -> None:
    text = HEAD.replace("demo/app", "{tenant: demo, id: new, team: desk}")
    (outcome,) = Runner().run(read(text + "    expect: {decision: allow, obligations: {restore: false}}\n"))
    assert outcome.passed


def test_only_wanted_tests_run_and_keep_their_numbers(read: Read) -> None:
    two = HEAD + "    expect: {decision: deny}\n" + HEAD.replace("one", "two") + "    expect: {decision: allow}\n"
    (outcome,) = Runner().run(read(two), lambda case: case.name == "two")
    assert (outcome.number, outcome.passed) == (1, True)


def test_without_a_text_no_recognizer_is_loaded(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gateway.policy.testing.golden", None)
    assert run(read, "    expect: {decision: allow}\n").passed
    with pytest.raises(ImportError):
        run(read, "    text: hello\n    expect: {decision: allow}\n")
