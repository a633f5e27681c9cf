"""What is decided for a value holds wherever it stands, and hides nothing that is blocked."""

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
