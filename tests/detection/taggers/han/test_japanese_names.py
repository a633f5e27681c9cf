"""Japanese names in characters."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.japanese_names import japanese_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("请联系中村洋子。", "中村洋子"),
        ("伊藤真由美的合同", "伊藤真由美"),
        ("由佐佐木健太负责", "佐佐木健太"),
        ("小林一行三人", ""),
        ("田中先生和清水工程师", "田中"),
        ("中村教授、渡边社长与山口市长", "中村渡边"),
        ("高桥大夫说", ""),
        ("在山口和平路", ""),
        ("中村美术馆", ""),
    ],
)
def test_names(text: str, name: str) -> None:
    assert "".join(text[tag.start : tag.end] for tag in japanese_names(text)) == name
