"""Addresses of machines that a label is glued to."""

from __future__ import annotations

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.network import network_recognizers

CORE = PresidioDetector(network_recognizers())
ADDRESS = "2001:db8:85a3::8a2e:370:7334"


@pytest.mark.parametrize("label", ["ip:", "地址:", "IPv6:", "node:", '"ip":', "interface:", "ip: "])
def test_an_address_behind_the_colon_of_its_label(label: str) -> None:
    text = f"{label}{ADDRESS} up"
    assert [text[f.start : f.end] for f in CORE.analyze(text)] == [ADDRESS]


@pytest.mark.parametrize("text", ["Foo::bar12::Baz", "at:12:34:56", "arn:aws:iam::123456789012:user", "x:::1", "std::a1b2"])
def test_colons_alone_are_no_address(text: str) -> None:
    assert CORE.analyze(text) == ()
