from __future__ import annotations

from xml.etree import ElementTree

from gateway.policy.testing.junit import junit
from gateway.policy.testing.report import Ran
from gateway.policy.testing.run import Runner
from tests.support.policy_suites import Read

TWO = """\
  - {name: good, principal: demo/app, request: {model: small, purpose: support}, expect: {decision: allow}}
  - {name: "a < b & \\"c\\" \\a 王", principal: demo/app, request: {model: small}, expect: {rule: "\\0"}}
"""


def test_one_suite_for_each_file_and_one_case_for_each_test(read: Read) -> None:
    placed = read(TWO)
    root = ElementTree.fromstring(junit([Ran(placed, tuple(Runner().run(placed)))]))
    (suite,) = root
    good, bad = suite
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
    }
    assert suite.get("name") == good.get("classname") == good.get("file") == str(placed.path)
    assert (good.get("name"), good.get("line"), len(good)) == ("good", "3", 0)
    assert float(good.get("time", "-1")) >= 0
    assert bad.get("name") == 'a < b & "c" � 王'
    (failure,) = bad
    assert failure.get("message") == "not as expected: rule"
    text = failure.text or ""
    assert text.startswith(f"{placed.path}:4:")
    assert "expected  \\x00" in text
    assert "denied by purposes" in text


def test_nothing_ran() -> None:
    root = ElementTree.fromstring(junit([]))
    assert (root.tag, root.get("tests"), len(root)) == ("testsuites", "0", 0)
