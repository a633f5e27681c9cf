"""Each complaint with its place; the base policy's lines are counted in tests/support/policy_files.py."""

from __future__ import annotations

import pytest

from gateway.policy.reading.problems import Problem
from tests.support.policy_files import Refuse


def _only(problems: tuple[Problem, ...]) -> tuple[int, int, str, str]:
    (problem,) = problems
    return problem.line, problem.column, problem.message, problem.fix


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message", "fix"),
    [
        ("version: 1", "version: 2", 1, 10, "unknown value", "write 1"),
        ("version: 1\n", "", 1, 1, "'version' is missing", "add 'version': Version of this file's form: 1."),
        ("mask", "msk", 10, 29, "unknown operator 'msk'", "did you mean 'mask'?"),
        ("mask", "7", 10, 29, "unknown operator", "use one of placeholder, surrogate, mask"),
        ("restore: true", "restore: 'yes'", 11, 22, "neither true nor false", "write true or false"),
        ("restore: true", "restor: true", 11, 13, "unknown field 'restor'", "did you mean 'restore'?"),
        ("app: {}", "app:", 13, 11, "not a mapping", "or {} for nothing"),
        ("app: {}", "'a b': {}", 13, 7, "characters that are not allowed here", "ids hold letters"),
        ("models: [small, vectors]", "models: small", 9, 13, "not a list", "write [one, two]"),
        ("[embeddings]", "[embedding]", 6, 46, "unknown value 'embedding'", "did you mean 'embeddings'?"),
        ("[embeddings]", "[]", 6, 45, "an empty list", "name at least one"),
        ("http://127.0.0.1", "ftp://127.0.0.1", 3, 21, "not an http(s) URL", "http://host:port/v1"),
        (
            "{restore: true}",
            "{restore: true, entities: {SECRET: placeholder}}",
            11,
            47,
            "operator 'placeholder' makes",
            "keep, mask",
        ),
        ("{restore: true}", "{restore: true, entities: {SECRET: blok}}", 11, 47, "unknown operator 'blok'", "'block'?"),
        ("app: {}", "app: {restore: true}", 13, 13, "unknown field 'restore'", "use one of models, purposes"),
        (
            "app: {}",
            "app: {record: {entities: {SECRET: block}}}",
            13,
            41,
            "unknown operator 'block'",
            "use one of keep, placeholder",
        ),
        ("app: {}", "app: {record: {retention_days: -1}}", 13, 38, "out of range", "a whole number from 0 to 36500"),
        ("app: {}", "app: {record: {retention_days: '7'}}", 13, 38, "not a whole number", "write it in digits"),
        ("app: {}", "app: {limits: {requests: 9/week}}", 13, 32, "not a rate", "60/minute"),
        ("app: {}", "app: {limits: {tokens: 1.5/day}}", 13, 30, "not a whole number", "60/minute"),
        ("app: {}", "app: {purposes: []}", 13, 23, "an empty list", "name at least one"),
        ("app: {}", "app: {route: {kinds: [fhee]}}", 13, 29, "unknown value 'fhee'", "did you mean 'fhe'?"),
        (
            "app: {}",
            "app: {route: {regions: [EU]}}",
            13,
            31,
            "characters that are not allowed here",
            "regions and labels only small letters",
        ),
        ("app: {}", "app: {cache: shared}", 13, 20, "unknown value 'shared'", "use one of none, principal, tenant"),
        ("app: {}", "app: {cache: {share: all}}", 13, 28, "unknown value 'all'", "use one of none, principal, tenant"),
        ("app: {}", "app: {cache: {size: 1}}", 13, 21, "unknown field 'size'", "use one of share, ttl, when, max_bytes"),
        (
            "app: {}",
            "app: {cache: {ttl: 10}}",
            13,
            26,
            "not a duration",
            "write a number above 0 and s, m, h or d, at most 30d: 10m",
        ),
        (
            "app: {}",
            "app: {cache: {ttl: 2y}}",
            13,
            26,
            "not a duration",
            "write a number above 0 and s, m, h or d, at most 30d: 10m",
        ),
        ("app: {}", "app: {rules: {r: {when: 'true'}}}", 13, 24, "not one effect", "write either 'deny: the reason'"),
        ("app: {}", "app: {rules: {r: {deny: never}}}", 13, 24, "'when' is missing", "A condition in CEL"),
        (
            "app: {}",
            "app: {rules: {'a b': {when: 'true', deny: never}}}",
            13,
            21,
            "characters that are not allowed here",
            "ids hold",
        ),
        (
            "app: {}",
            "app: {rules: {r: {when: 'true', demand: {limits: {}}}}}",
            13,
            48,
            "unknown field 'limits'",
            "use one of entities, reply",
        ),
    ],
)
def test_place_message_and_fix(
    refuse: Refuse, base: str, old: str, new: str, line: int, column: int, message: str, fix: str
) -> None:
    assert old in base
    found = [p for p in refuse(base.replace(old, new, 1)) if p.message.startswith(message)]
    assert [(p.line, p.column) for p in found] == [(line, column)]
    assert fix in found[0].fix


@pytest.mark.parametrize("timeouts", ["{total_s: 0}", "{total_s: .inf}", "{total_s: .nan}", "{total_s: 100000}"])
def test_time_outs_have_a_range(refuse: Refuse, base: str, timeouts: str) -> None:
    problems = refuse(base.replace('8090/v1"', f'8090/v1", timeouts: {timeouts}'))
    assert _only(problems) == (3, 69, "out of range", "write seconds above 0 and at most 86400")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("app: {}", "app: {limits: {requests: 600}}", "tenants.demo.principals.app.limits.requests"),
        ("app: {}", "app: {models: [smal]}", "tenants.demo.principals.app.models[0]"),
        ("app: {}", "app: {cache: {size: 1}}", "tenants.demo.principals.app.cache.size"),
        ("app: {}", "app: {rules: {r: {deny: never}}}", "tenants.demo.principals.app.rules.r.when"),
        ("app: {}", "app: {}\n      app: {}", "tenants.demo.principals.app"),
        ("app: {}", "app: {route: {regions: [no]}}", "tenants.demo.principals.app.route.regions[0]"),
        ("version: 1\n", "", "version"),
        ("deployments: [local]", "deployments: [{local: 1}]", "models.small.deployments[0]"),
    ],
)
def test_the_key_is_named(refuse: Refuse, base: str, old: str, new: str, key: str) -> None:
    assert old in base
    (problem,) = refuse(base.replace(old, new, 1))
    assert problem.key == key
    assert f": {key}: " in str(problem)


def test_what_stands_under_a_backends_key_is_not_quoted(refuse: Refuse, base: str) -> None:
    problems = refuse(base.replace('8090/v1"', '8090/v1", api_key: {sk-0123456789: {a: 1, a: 2}}', 1))
    assert {problem.key for problem in problems} == {f"deployments.{name}.api_key" for name in ("local",)}
    assert "sk-0123" not in "".join(map(str, problems))


@pytest.mark.parametrize(
    "written", ["{limits: {requests: }}", "{reply: {restore: ~}}", "{purposes: null}", "{limits: {spend: null}}"]
)
def test_a_name_with_nothing_behind_it_says_nothing(refuse: Refuse, base: str, written: str) -> None:
    """`requests:` alone would be no limit, which is not what its author believes."""
    (problem,) = refuse(base.replace("app: {}", f"app: {written}", 1))
    assert (problem.message, problem.fix) == ("no value", "write one, or remove the line")


@pytest.mark.parametrize("number", ["600", "600.5", "true"])
def test_a_rate_without_a_period_is_told_its_form(refuse: Refuse, base: str, number: str) -> None:
    (problem,) = refuse(base.replace("app: {}", f"app: {{limits: {{tokens: {number}}}}}", 1))
    assert problem.message == "not a rate"
    assert "60/minute" in problem.fix


def test_wildcards_are_told_from_misspelt_names(refuse: Refuse, base: str) -> None:
    (problem,) = refuse(base.replace("app: {}", "app: {models: ['sma*']}", 1))
    assert problem.fix.startswith("name each one, * stands for nothing here")


def test_a_border_in_double_quotes_is_a_backspace(refuse: Refuse, base: str) -> None:
    """Such a recognizer would find nothing, ever."""
    written = 'detection: {recognizers: [{entity: CUSTOMER_NO, patterns: ["\\bK[0-9]{8}\\b"]}]}'
    (problem,) = refuse(base.replace("    models: [small, vectors]", f"    models: [small, vectors]\n    {written}", 1))
    assert problem.message == "a backspace in a pattern"
    assert "single quotes" in problem.fix


def test_the_form_of_anonymous(refuse: Refuse, base: str) -> None:
    assert _only(refuse(base + "anonymous: app\n"))[:3] == (15, 12, "characters that are not allowed here")


@pytest.mark.parametrize(
    "api_key",
    ["sk-topsecret", "{sk-topsecret: 1}", "{env: sk-topsecret}", "{env: X, value: sk-topsecret}", "[sk-topsecret]", "{}"],
)
def test_a_key_written_into_the_policy_is_refused_and_not_repeated(refuse: Refuse, base: str, api_key: str) -> None:
    problems = refuse(base.replace('8090/v1"', f'8090/v1", api_key: {api_key}'))
    assert {problem.line for problem in problems} == {3}
    assert "topsecret" not in " ".join(map(str, problems))
