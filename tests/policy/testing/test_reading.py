from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.policy.reading.load import load_policy
from gateway.policy.reading.problems import PolicyError, Problem
from gateway.policy.testing.reading import is_suite, load_suite
from tests.support.policy_files import KNOWN, SURROGATES
from tests.support.policy_suites import Problems, Read

GOOD = "  - {name: one, principal: demo/app, request: {model: small}, expect: {decision: allow}}\n"


def test_tests_know_their_policy_and_their_places(read: Read, suite_file: Path) -> None:
    placed = read(GOOD)
    assert placed.policy.path == suite_file.parent / "p.yaml"
    assert placed.place(0) == (3, 5)
    assert placed.place(0, "expect", "decision") == (3, GOOD.index("decision") + 1)


def test_a_file_of_tests_is_known_by_its_name() -> None:
    assert is_suite(Path("policies/demo_test.yaml"))
    assert not is_suite(Path("policies/demo.yaml"))


@pytest.mark.parametrize(
    ("wrong", "right", "message", "fix"),
    [
        ("expct", "expect", "unknown field 'expct'", "did you mean 'expect'?"),
        ("modle", "model", "unknown field 'modle'", "did you mean 'model'?"),
        ("alow", "allow", "unknown value 'alow'", "did you mean 'allow'?"),
        ("demo-app", "demo/app", "no caller", "write tenant/principal, or {tenant: ..., id: ..., team: ..., roles: [...]}"),
        ("expect: {}", "expect: {decision: allow}", "expects nothing", "write at least"),
        ("small, tools: -1", "small", "out of range", "write a whole number from 0 to"),
        ("small, surface: chat", "small", "unknown value 'chat'", "use one of chat/completions, completions"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_fix(
    problems: Problems, wrong: str, right: str, message: str, fix: str
) -> None:
    told = [one for one in problems(GOOD.replace(right, wrong, 1)) if one.message == message]
    assert told
    assert told[0].line == 3
    assert fix in told[0].fix


def test_what_is_missing_is_told_with_its_meaning(problems: Problems) -> None:
    (problem,) = problems("  - {name: one, principal: demo/app, expect: {decision: allow}}\n")
    assert (problem.message, problem.fix) == ("'request' is missing", "add 'request': What is asked.")


def test_everything_wrong_is_told_at_once(problems: Problems) -> None:
    text = GOOD.replace("allow", "maybe") + GOOD.replace("one", "two").replace("small", "small, nothing: 1")
    assert [problem.line for problem in problems(text)] == [3, 4]


def test_types_that_nobody_finds_and_names_used_twice(problems: Problems) -> None:
    more = "{PERSN: 1}, expect: {blocked: [SECRT], obligations: {request: {CARD: mask, default: keep}}}"
    (twice, *types) = sorted(problems(GOOD + GOOD.replace("expect: {decision: allow}", f"findings: {more}")))
    assert (twice.line, twice.message) == (4, "a second test 'one'")
    assert [one.message.split()[-1] for one in types] == ["'PERSN'", "'SECRT'", "'CARD'"]
    assert "did you mean 'PERSON'?" in types[0].fix


@pytest.mark.parametrize(
    ("also", "message"),
    [("text: hello, findings: {PERSON: 1}", "findings beside text"), ("findings: {}", "redacted without text")],
)
def test_a_golden_test_has_a_text_and_looks_in_it(problems: Problems, also: str, message: str) -> None:
    (problem,) = problems(GOOD.replace("{decision: allow}", f"{{redacted: x}}, {also}"))
    assert problem.message == message


@pytest.mark.parametrize(
    "text", ["", "- a\n", "policy: p.yaml\ntests: []\n", "tests: &a [*a]\n", "policy: gone.yaml\ntests: 1\n"]
)
def test_no_file_of_tests(suite_file: Path, text: str) -> None:
    suite_file.write_text(text)
    with pytest.raises(PolicyError) as caught:
        load_suite(suite_file, lambda path: load_policy(path, known_entities=KNOWN, surrogate_entities=SURROGATES))
    assert all(one.file == str(suite_file) and one.fix for one in caught.value.problems)


def test_a_policy_that_is_gone_or_broken_is_told(read: Read, problems: Problems, suite_file: Path) -> None:
    read(GOOD)
    policy = suite_file.parent / "p.yaml"
    policy.write_text("version: 2\n")
    assert {one.file for one in problems(GOOD)} == {str(policy)}
    policy.unlink()
    (problem,) = problems(GOOD)
    assert (problem.file, problem.line, problem.message) == (str(suite_file), 1, "there is no such policy file")


_JUNK = st.sampled_from(
    [
        "",
        "{}",
        "[]",
        "null",
        "1",
        "-1",
        "1.5",
        "yes",
        "x",
        "'",
        '"\\0"',
        "{a: {b: c}}",
        "[[]]",
        "&a",
        "*a",
        "- ",
        "? ",
        ": ",
        "\t",
        "王",
        "\x07",
    ]
)
_FULL = GOOD + GOOD.replace("one", "two").replace(
    "{decision: allow}",
    "{obligations: {request: {PERSON: mask}, limits: [{scope: x, requests: 1/day}]}, rules: [a]}, findings: {PERSON: 1}",
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(_FULL) - 1), taken=st.integers(0, 12), junk=_JUNK)
def test_no_file_makes_a_traceback(read: Read, suite_file: Path, at: int, taken: int, junk: str) -> None:
    try:
        read(_FULL[:at] + junk + _FULL[at + taken :])
        found: tuple[Problem, ...] = ()
    except PolicyError as error:
        found = error.problems
    assert all(one.file.startswith(str(suite_file.parent)) and one.line >= 1 and one.column >= 1 and one.fix for one in found)
