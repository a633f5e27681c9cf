from __future__ import annotations

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.registry import pattern_recognizers

DETECTOR = PresidioDetector(pattern_recognizers())


@pytest.mark.parametrize(
    "address",
    [
        "jane.roe at example dot com",
        "jane dot roe at mail dot example dot com",
        "jane_roe [at] example.com",
        "jane(at)example(dot)co(dot)uk",
        "jane {AT} example {DOT} org",
        "jane[@]example.com",
        "jane@example[.]com",
        "jane@example dot com",
        "zhangsan@qq点com",
    ],
)
def test_a_mail_address_in_words(address: str) -> None:
    text = f"write to {address}, please"
    assert [(text[f.start : f.end], f.entity) for f in DETECTOR.analyze(text)] == [(address, "EMAIL_ADDRESS")]


@pytest.mark.parametrize(
    "text",
    [
        "Look at the dot on the map, at noon dot.",
        "Meet me at the dot com office.",
        "rows[at].value, foo (at) bar",
        "at full speed dot product",
    ],
)
def test_prose_and_code_are_no_mail_address(text: str) -> None:
    assert DETECTOR.analyze(text) == ()
