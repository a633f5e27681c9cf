"""Real recognizers and the real redactor; one set of them for all tests here."""

from __future__ import annotations

import pytest

from gateway.policy.testing.golden import TEST_KEY
from gateway.policy.testing.run import Outcome, Runner
from tests.support.policy_suites import POLICY, Read

HEAD = "  - name: one\n    principal: demo/app\n    request: {model: small, purpose: support}\n"


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner()


def run(runner: Runner, read: Read, text: str, expect: str) -> Outcome:
    (outcome,) = runner.run(read(f"{HEAD}    text: {text}\n    expect: {expect}\n"))
    return outcome


def got(outcome: Outcome) -> str:
    (difference,) = outcome.differences
    assert difference.path == ("redacted",)
    return difference.got


def test_a_text_goes_the_way_of_a_message(runner: Runner, read: Read) -> None:
    outcome = run(runner, read, "Dear john.smith@example.com", '{decision: allow, redacted: "Dear <EMAIL_ADDRESS_1>"}')
    assert outcome.differences == ()


def test_what_is_found_counts_for_rules(runner: Runner, read: Read) -> None:
    expect = '{rules: [tenants.demo.rules.cards], obligations: {deployments: [cn]}, redacted: "Dear Mr. <PERSON_1>, we charged card ******************* next Tuesday."}'
    assert run(runner, read, "Dear Mr. John Smith, we charged card 4111 1111 1111 1111 next Tuesday.", expect).differences == ()


def test_a_rule_on_findings_may_refuse_the_text(runner: Runner, read: Read) -> None:
    people = "Anna Schmidt, Peter Miller, Mary Jones, John Smith and Laura Brown met."
    outcome = run(runner, read, people, "{decision: deny, rule: tenants.demo.rules.crowds, redacted: x}")
    assert got(outcome) == "nothing leaves: denied by tenants.demo.rules.crowds"


def test_what_is_blocked_does_not_leave(runner: Runner, read: Read) -> None:
    outcome = run(runner, read, "key AKIAIOSFODNN7EXAMPLE", "{blocked: [SECRET], redacted: x}")
    assert got(outcome) == "nothing leaves: SECRET blocked"


def test_a_denied_request_has_no_copy(runner: Runner, read: Read) -> None:
    text = HEAD.replace("small", "other") + "    text: hello\n    expect: {decision: deny, redacted: hello}\n"
    (outcome,) = runner.run(read(text))
    assert got(outcome) == "nothing leaves: denied by default-deny"


def test_a_text_that_is_too_long_is_told_and_no_traceback(runner: Runner, read: Read) -> None:
    short = POLICY.replace("    models:", "    detection: {max_characters: 3}\n    models:")
    (outcome,) = runner.run(read(f"{HEAD}    text: hello\n    expect: {{redacted: hello}}\n", short))
    assert "3 characters" in got(outcome)


def test_hashes_are_made_under_the_key_that_is_documented(runner: Runner, read: Read) -> None:
    policy = POLICY.replace("CREDIT_CARD: mask", "CREDIT_CARD: mask, EMAIL_ADDRESS: hash")
    hashed = read(f"{HEAD}    text: john.smith@example.com\n    expect: {{redacted: x}}\n", policy)
    first, second = (got(next(iter(runner.run(hashed)))) for _ in range(2))
    assert first == second
    assert "<EMAIL_ADDRESS#" in first
    assert len(TEST_KEY) == 32
