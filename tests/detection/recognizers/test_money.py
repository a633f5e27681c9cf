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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sort code 204577", "204577"),
        ("Sort code no. 204577", "204577"),
        ("the sort code of my bank is 20 45 77.", "20 45 77"),
        ('"sortCode": "204577"', "204577"),
        ("sort_code=204577", "204577"),
        ("| Sort code | 204577 |", "204577"),
        ("Sort code\n204577", "204577"),
        ("我的sort code是204577。", "204577"),
    ],
)
def test_a_sort_code_is_found(text: str, code: str) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("UK_SORT_CODE", code)]


@pytest.mark.parametrize(
    "text",
    [
        "My sort code takes 120000 ms for n = 500000",
        "Here is my bubble sort code:\n\nitems = [100000, 200000]",
        "the merge sort code for 250000 elements",
        "this sort code prints 10 20 30 40",
        "the last resort code: 204577",
    ],
)
def test_a_program_that_sorts_has_none(text: str) -> None:
    assert not _CORE.analyze(text)
