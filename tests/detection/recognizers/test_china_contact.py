"""Telephones as Chinese pages write them."""

from __future__ import annotations

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.registry import pattern_recognizers

DETECTOR = PresidioDetector(pattern_recognizers())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("电话1381234567813987654321，", ["13812345678", "13987654321"]),
        ("预约010-6212345613987654321", ["010-62123456", "13987654321"]),
        ("订单号1234567890123456789012", []),
    ],
)
def test_numbers_that_have_run_together(text: str, numbers: list[str]) -> None:
    assert [text[one.start : one.end] for one in DETECTOR.analyze(text)] == numbers
