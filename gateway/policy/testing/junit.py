"""Outcomes of tests as JUnit XML, which build servers read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from gateway.policy.testing.report import Ran, difference_lines, place, why
from gateway.policy.testing.run import Outcome

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(all_ran: Sequence[Ran]) -> bytes:
    """One testsuite for each file, one testcase for each test; times in seconds."""
    root = ElementTree.Element("testsuites", {"name": "gateway policy test", **_sums(all_ran)})
    for ran in all_ran:
        suite = ElementTree.SubElement(root, "testsuite", {"name": _xml(str(ran.placed.path)), **_sums([ran])})
        for outcome in ran.outcomes:
            _testcase(suite, ran, outcome)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _testcase(suite: ElementTree.Element, ran: Ran, outcome: Outcome) -> None:
    line, _ = ran.placed.place(outcome.number)
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_xml(str(ran.placed.path)),
        name=_xml(outcome.case.name),
        file=_xml(str(ran.placed.path)),
        line=str(line),
        time=f"{outcome.seconds:.3f}",
    )
    if not outcome.passed:
        told = [line for difference in outcome.differences for line in difference_lines(difference)]
        names = ", ".join(".".join(one.path) for one in outcome.differences)
        failure = ElementTree.SubElement(case, "failure", type="difference", message=_xml(f"not as expected: {names}"))
        failure.text = _xml("\n".join([place(ran.placed, outcome), *told, why(ran.placed, outcome)]))


def _sums(all_ran: Sequence[Ran]) -> dict[str, str]:
    outcomes = [outcome for ran in all_ran for outcome in ran.outcomes]
    return {
        "tests": str(len(outcomes)),
        "failures": str(sum(not outcome.passed for outcome in outcomes)),
        "errors": "0",
        "skipped": "0",
        "time": f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    }


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("�", text)
