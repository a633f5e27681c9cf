from __future__ import annotations

from gateway.policy.reading.problems import PolicyError, Problem, one_of, quoted


def test_a_problem_prints_as_place_message_and_fix() -> None:
    assert str(Problem("p.yaml", 12, 5, "unknown field 'x'", "write y")) == "p.yaml:12:5: unknown field 'x'; fix: write y"


def test_problems_are_sorted_by_place_and_told_once() -> None:
    late, early = Problem("p", 10, 1, "b", "f"), Problem("p", 9, 2, "a", "f")
    assert PolicyError([late, early, late]).problems == (early, late)


def test_the_summary_stays_short() -> None:
    error = PolicyError([Problem("p", line, 1, "m", "f") for line in range(1, 1_000)])
    assert error.summary.count("p:") == 5
    assert error.summary.endswith("| and 994 more")
    assert "\n" not in error.summary


def test_suggestions() -> None:
    assert one_of(["placeholder", "mask"], "plceholder").endswith("did you mean 'placeholder'?")
    assert one_of(["PERSON", "SECRET"], "person").endswith("did you mean 'PERSON'?")
    assert one_of(["PERSON", "SECRET"], "zzz") == "use one of PERSON, SECRET"
    assert one_of(["PHONE_NUMBER", "EMAIL_ADDRESS", "US_SSN"], "EMAIL").endswith("did you mean 'EMAIL_ADDRESS'?")
    assert one_of(["PHONE_NUMBER", "EMAIL_ADDRESS", "US_SSN"], "ssn").endswith("did you mean 'US_SSN'?")
    assert one_of(["only"], "x") == "write only"
    assert one_of([]) == "nothing is defined there yet: define it first"


def test_long_names_are_cut() -> None:
    assert len(quoted("x" * 10_000)) < 80
