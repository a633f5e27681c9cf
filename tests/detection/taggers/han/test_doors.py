"""Parts of addresses that stand alone."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.doors import DOORS, doors
from gateway.detection.taggers.name_rules import NameRules


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("7栋1203的，漏水了", ["7栋1203"]),
        ("我住3号楼2单元501室", ["3号楼2单元501室"]),
        ("2单元1103有人吗", ["2单元1103"]),
        ("沿江山路由南向北行驶至青石大道路口", ["江山路", "青石大道"]),
        ("住第八师一四三团9连，", ["第八师一四三团9连"]),
        ("寄到143团9连", ["143团9连"]),
        ("第三师范学院的9个团，3团5连冠", []),
        ("共5栋2025年交房", []),
        ("第3座100元", []),
        ("一路由此向北，条条大路由东向西", []),
        ("", []),
    ],
)
def test_which_places(text: str, places: list[str]) -> None:
    assert [text[tag.start : tag.end] for tag in doors(text)] == places
    assert list(NameRules(DOORS).tags(text)) == list(doors(text))
