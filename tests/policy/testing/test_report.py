from __future__ import annotations

from gateway.policy.testing.compare import Difference
from gateway.policy.testing.report import Ran, difference_lines, lines, summary
from gateway.policy.testing.run import Runner
from tests.support.policy_suites import Read

TWO = """\
  - {name: good, principal: demo/app, request: {model: small, purpose: support}, expect: {decision: allow}}
  - {name: bad, principal: demo/app, request: {model: small}, expect: {decision: allow, rule: x}}
"""


def ran(read: Read, tests: str = TWO) -> Ran:
    placed = read(tests)
    return Ran(placed, tuple(Runner().run(placed)))


def test_a_failure_has_its_place_both_sides_and_the_reason(read: Read) -> None:
    one = ran(read)
    told = [line.plain for line in lines(one, verbose=False)]
    path, column = one.placed.path, TWO.splitlines()[1].index("decision") + 1
    assert told[0] == f"{path}: 2 tests of p.yaml ({one.placed.policy.version})"
    assert told[1:] == [
        f"  FAIL  bad  {path}:4:{column}",
        "        decision",
        "          expected  allow",
        "          got       deny",
        "        rule",
        "          expected  x",
        "          got       purposes",
        f"        denied by purposes ({path.parent / 'p.yaml'}:7:1): the request states no purpose; demo/app may have: letters, support",
    ]


def test_those_that_pass_are_named_on_request(read: Read) -> None:
    assert "  ok    good" in [line.plain for line in lines(ran(read), verbose=True)]


def test_the_last_line_counts(read: Read) -> None:
    both = ran(read)
    assert summary([both, both]).plain == "2 failed, 2 passed in 2 files"
    good = Ran(both.placed, both.outcomes[:1])
    assert summary([good]).plain == "1 passed in 1 file"


def test_where_two_long_texts_part() -> None:
    told = list(difference_lines(Difference(("redacted",), "a" * 90 + "X" + "b" * 30, "a" * 90 + "Y" + "b" * 30)))
    assert told[3] == f"  from here {'a' * 20}→Y{'b' * 19}"
    assert len(list(difference_lines(Difference(("redacted",), "X", "Y")))) == 3


def test_a_terminal_obeys_nothing_that_a_text_holds() -> None:
    told = "\n".join(difference_lines(Difference(("redacted",), "\x1b[2J", "a\nb")))
    assert "\x1b" not in told
    assert "got       a\\nb" in told
