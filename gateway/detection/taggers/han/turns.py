"""Who speaks in a record without a clock: `青禾：在吗`, where somebody whom the network knows speaks as well.

What people call themselves there is any word. It is somebody's where a name begins a line before a colon, and this word does
so at least twice; the parts of a form stand there once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from gateway.detection.taggers.sieve import Tag

_COLONS = ("：", ":")
_TURN = re.compile(r"^(?P<name>(?=[^\n：:]*[\u3400-\u9fff])[\u3400-\u9fffA-Za-z0-9·_-]{2,8})[：:](?=[ \t]?\S)", re.MULTILINE)
_NOBODY = re.compile(
    r".*(?:人[员0-9]?|员|师|者|方|客|长|家|户|手|客服|坐席|座席|嘉宾|医生|护士|老师|学生|家长|客户|用户|系统|助手|旁白|机器|"
    r"[问答注题例图表]|说话人.*|[0-9A-Z]|时间|地点|日期|内容|备注|标题|主题|要求|说明|结果|原因|问题|回答|名称|姓名|电话|地址|编号|"
    r"单位|类型|状态|金额|数量|价格|规格|型号|科目|成绩|[上下]午|早上|晚上|[妈爸爷奶哥姐弟妹叔姨]{2})"
    r"|(?:第|星期|周|步骤|选项|答案|方案|条件|优点|缺点).*|[0-9]+.*"
)
_FEWEST = 2
_SCORE = 0.85


def turns(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order, and such names."""
    if "\n" not in text or not any(_speaks(text, tag) for tag in tags):
        return list(tags)
    return [*tags, *_others(text, {text[tag.start : tag.end] for tag in tags if tag.entity == "PERSON"})]


def _others(text: str, known: set[str]) -> Iterator[Tag]:
    lines = list(_TURN.finditer(text))
    times = Counter(line["name"] for line in lines)
    for line in lines:
        name = line["name"]
        if times[name] >= _FEWEST and name not in known and _NOBODY.fullmatch(name) is None:
            yield Tag(*line.span("name"), "PERSON", _SCORE)


def _speaks(text: str, tag: Tag) -> bool:
    return tag.entity == "PERSON" and text.startswith(_COLONS, tag.end) and (not tag.start or text[tag.start - 1] == "\n")
