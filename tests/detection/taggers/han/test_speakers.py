"""Who speaks in the record of a chat in Chinese."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.han.speakers import SPEAKERS, speakers
from gateway.detection.taggers.name_rules import NameRules


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("橙子 2026-04-02 10:22:31\n在吗\n老渔夫 2026-04-02 10:23:01\n在的\n", ["橙子", "老渔夫"]),
        ("橙子: 2026年4月2日 上午10:22\r\n在吗\r\n橙子: 2026年4月2日 上午10:23\r\n嗯", ["橙子", "橙子"]),
        ("[10:22] 橙子：在吗\n[10:23] 快乐小羊: 在\n", ["橙子", "快乐小羊"]),
        (
            "2026-04-02 10:22:31 橙子(582930174)\n在吗\n2026-04-02 10:22:35 北方(58293017)\n是\n",
            ["橙子(582930174)", "北方(58293017)"],
        ),
        ("橙子 10:22:31\n在吗\n", []),  # one line may be anything
        ("签到时间 09:00:00\n请准时\n会议开始 10:00:00\n谢谢\n", []),
        ("08:30 出发：临川\n12:00 到达：江阳\n", []),
        ("[10:22] 系统：已启动\n[10:23] 客服: 您好\n", []),
        ("", []),
    ],
)
def test_who_speaks(text: str, names: list[str]) -> None:
    assert [text[tag.start : tag.end] for tag in speakers(text)] == names
    assert list(NameRules(SPEAKERS).tags(text)) == list(speakers(text))
