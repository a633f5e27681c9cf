"""PINs, check values of cards and codes for one use; and numbers beside such words."""

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.security_codes import security_code_recognizers

_CORE = PresidioDetector(security_code_recognizers())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("your PIN is 8233.", "8233"),
        ("my card pin 471902", "471902"),
        ("PIN: 4471", "4471"),
        ("exp 09/27, CVV 821", "821"),
        ("the security code is 642", "642"),
        ('"cvc": "1234"', "1234"),
        ("OTP: 382910", "382910"),
        ("Your verification code is 382 910", "382 910"),
        ("changed the alarm pin to 9917", "9917"),
        ("动态码：382910", "382910"),
        ("安全码是821", "821"),
        ("card security value 821", "821"),
        ("动态码：4A82B1", "4A82B1"),
        ("【验证码】661809，请勿告知", "661809"),
        ("驗證碼：a7K2", "a7K2"),
        ("Your PIN is: 4821", "4821"),
        ("**PIN:** 4821", "4821"),
        ("CVV2 code 123", "123"),
        ("verification code 482913", "482913"),
        ("your one-time password: 48213", "48213"),
        ("482913 is your Fenwick verification code", "482913"),
    ],
)
def test_found(text: str, value: str) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("SECURITY_CODE", value)]


@pytest.mark.parametrize(
    "text",
    [
        "PIN code: 560001, Bengaluru",
        "GPIO pin 17 and pin 1234",
        "shopping 1234, opinion: 2024",
        "a security code review of 120 files",
        "the verification code path has 4000 lines",
        "cvc-complex-type.2.4.a",
        "pinned: 2024",
        "OTP 2600 and OTP 26",
        "we pin to 2023 in the requirements",
        "CSC 101 is full, security code 200 was returned",
        "请输入验证码，验证码收不到",
    ],
)
def test_left(text: str) -> None:
    assert not _CORE.analyze(text)


@pytest.mark.parametrize("text", ["Your one-time password is 4821.", "验证码是482913"])
def test_a_code_for_one_use_is_no_lasting_secret(text: str) -> None:
    assert {f.entity for f in PresidioDetector().analyze(text)} == {"SECURITY_CODE"}
