"""Who speaks in the record of a chat: `橙子 2026-04-02 10:22:31`, `[10:22] 橙子：在吗`, `2026-04-02 10:22:31 橙子(582930174)`.

What people call themselves there is any word, so the clock must tell: as programs for chats write it, in brackets, or with its
date or its seconds. One such line may be anything; there must be two. A number in brackets belongs to the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_DATE = r"(?:19|20)[0-9]{2}(?:[-/.年])[0-9]{1,2}(?:[-/.月])[0-9]{1,2}日?"
_TIME = r"(?:[上下]午|晚上|凌晨|中午)?[ ]?[0-9]{1,2}:[0-9]{2}"
_CLOCK = rf"(?:{_DATE}[ ]{_TIME}(?::[0-9]{{2}})?|{_TIME}:[0-9]{{2}})"
_NICK = r"(?P<{}>(?=[^\n]{{0,15}}[\u3400-\u9fff])[^\s:：，。,|/\[\]{{}}()（）<>=\"'#]{{1,16}}(?:[(（][0-9]{{5,12}}[)）])?)"
_BEFORE_CLOCK = rf"{_NICK.format('before')}[:：]?[ \u3000]{{1,4}}{_CLOCK}[ \t]*\r?\n(?=[^\n])"
_BEHIND_CLOCK = (
    rf"[\[(（]?(?:{_CLOCK}|{_TIME})[\])）]?[ ,，]{{0,2}}{_NICK.format('behind')}(?:[:：][ ]?(?=\S)|(?<=[)）])[ \t]*\r?\n)"
)
_LINE = re.compile(rf"^(?:{_BEFORE_CLOCK}|{_BEHIND_CLOCK})", re.MULTILINE)
_NOBODY = re.compile(
    r".*(?:时间|日期|时刻|开始|结束|发布|更新|编辑|创建|修改|提交|签到|签退|打卡|上班|下班|出发|到达|会议|系统|管理员|"
    r"客服|机器人|今天|昨天|明天|日志|警告|错误|状态)"
    r"|(?:星期|周)[一二三四五六日天]"
)
_FEWEST = 2
_SCORE = 0.9


def speakers(text: str) -> Iterator[Tag]:
    """A tag for each name, where there are at least two such lines."""
    lines = [(line, line.lastgroup or "") for line in _LINE.finditer(text)]
    lines = [(line, group) for line, group in lines if _NOBODY.fullmatch(line[group]) is None]
    if len(lines) >= _FEWEST:
        yield from (Tag(*line.span(group), "PERSON", _SCORE) for line, group in lines)


SPEAKERS = NameRule(("[0-9]:[0-9]{2}",), speakers)
