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


def test_a_word_in_capitals_is_none() -> None:
    assert not _CORE.analyze("PLEASE SEND THE SWIFT TRANSFER DOCUMENT")
