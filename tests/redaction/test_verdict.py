"""What is decided for a value holds wherever it stands, and hides nothing that is blocked."""

import pytest

from gateway.exchange import Finding
from gateway.obligations import EntityRules, OperatorKind
from gateway.protocol.text_slots import Place, TextSlot
from gateway.redaction.passages import passages
from gateway.redaction.verdict import judge

TEXT = "12 Oak Road 4111"


def test_a_longer_value_known_from_elsewhere_hides_no_blocked_one() -> None:
    found = passages([TextSlot((at,), Place.VALUE, TEXT) for at in range(2)])
    findings = [[Finding(0, 16, "LOCATION", 0.9, "r")], [Finding(12, 16, "CREDIT_CARD", 1.0, "r")]]
    judged = judge(found, findings, EntityRules(OperatorKind.PLACEHOLDER, {"CREDIT_CARD": OperatorKind.BLOCK}))
    spans = [(one.finding.start, one.finding.end, one.verdict.entity) for one in judged[1]]
    assert spans == [(0, 12, "LOCATION"), (12, 16, "CREDIT_CARD")]


@pytest.mark.parametrize("between", ["\x1e", "\n"])
def test_a_value_is_known_within_a_text_and_not_over_its_end(between: str) -> None:
    """Texts are searched together, with a sign between them that may itself be in one."""
    value = f"ann{between}@x.org"
    texts = [
        f"write to {value} again please",
        f"so I did write to {value}",
        "it was not for me but for ann",
        "@x.org is a place",
    ]
    found = passages([TextSlot((at,), Place.VALUE, text) for at, text in enumerate(texts)])
    findings = [[Finding(9, 9 + len(value), "EMAIL_ADDRESS", 1.0, "r")], [], [], []]
    judged = judge(found, findings, EntityRules(OperatorKind.PLACEHOLDER))
    spans = [[(one.finding.start, one.finding.end) for one in own] for own in judged]
    assert spans == [[(9, 9 + len(value))], [(18, 18 + len(value))], [], []]


def test_an_abbreviated_name_is_known_without_its_full_stop() -> None:
    texts = ["it was sold by Smith Ltd. in May", "the lease of Smith Ltd has ended", "the Smith Ltdx is another"]
    found = passages([TextSlot((at,), Place.VALUE, text) for at, text in enumerate(texts)])
    findings = [[Finding(15, 25, "ORGANIZATION", 0.9, "r")], [], []]
    judged = judge(found, findings, EntityRules(OperatorKind.PLACEHOLDER))
    assert [[texts[at][one.finding.start : one.finding.end] for one in own] for at, own in enumerate(judged)] == [
        ["Smith Ltd."],
        ["Smith Ltd"],
        [],
    ]


@pytest.mark.parametrize(("value", "known"), [("张伟", True), ("张", False), ("K9", True), ("9", False)])
def test_two_characters_are_the_fewest_by_which_a_value_is_known_elsewhere(value: str, known: bool) -> None:
    in_prose, in_a_field = f"so on, as {value} said", f"for {value}"
    found = passages([TextSlot((at,), Place.VALUE, text) for at, text in enumerate([value, in_prose, in_a_field])])
    findings = [[Finding(0, len(value), "PERSON", 0.9, "r")], [], []]
    judged = judge(found, findings, EntityRules(OperatorKind.PLACEHOLDER))
    assert [[(one.finding.start, one.finding.end) for one in own] for own in judged[1:]] == (
        [[(10, 10 + len(value))], [(4, 4 + len(value))]] if known else [[], []]
    )
