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
        ("xw@gmail.comQQ:304718265", ["xw@gmail.com", "304718265"]),
        ("MyQQ is nice, seeQQ 12345678", []),
    ],
)
def test_numbers_that_have_run_together(text: str, numbers: list[str]) -> None:
    assert [text[one.start : one.end] for one in DETECTOR.analyze(text)] == numbers


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("微信公众号：songling_read", ["songling_read"]),
        ("微信公众平台账号是songling", ["songling"]),
        ("加我新号ql_0822，旧的不用了", ["ql_0822"]),
        ("关注微信公众号Python爱好者", []),
        ("新号段开放，换号python教程", []),
    ],
)
def test_accounts_at_wechat(text: str, handles: list[str]) -> None:
    assert [text[one.start : one.end] for one in DETECTOR.analyze(text) if one.entity == "WECHAT_ID"] == handles
