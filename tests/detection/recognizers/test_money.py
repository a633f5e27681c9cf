"""Codes of banks, and words in capitals that look like one."""

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.money import money_recognizers

_CORE = PresidioDetector(money_recognizers())


@pytest.mark.parametrize(
    ("text", "code"),
    [("BIC: COBADEFF", "COBADEFF"), ("the SWIFT of the bank, CHASUS33", "CHASUS33"), ("SWIFT代码：BKCHCNBJ", "BKCHCNBJ")],
)
def test_a_code_is_found(text: str, code: str) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("SWIFT_CODE", code)]


@pytest.mark.parametrize("behind", ["within 30 days", "please", "ABCD EFGH to the bank", "today from Barclays", "1 x"])
@pytest.mark.parametrize("iban", ["ES9121000418450200051332", "DE89 3704 0044 0532 0130 00", "NO9386011117947"])
def test_an_account_ends_where_its_number_does(iban: str, behind: str) -> None:
    text = f"IBAN {iban} {behind}"
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("IBAN_CODE", iban)]


def test_a_word_in_capitals_is_none() -> None:
    assert not _CORE.analyze("PLEASE SEND THE SWIFT TRANSFER DOCUMENT")
