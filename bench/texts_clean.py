"""Text in which there is nothing to find: what a detector covers of it is a mistake.

English prose is Python's language reference as `pydoc` carries it, code is the source of libraries that the gateway stands on
(lines that credit somebody left out): both lie on every machine that runs this, and the taggers learnt from neither. A name
that got through counts against the detector, so the shares are upper bounds. The Chinese paragraphs were written for this.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from pydoc_data.topics import topics

_MODULES = (
    *("aiohttp.web_app", "aiohttp.connector", "fastapi.routing", "fastapi.params", "starlette.middleware.cors", "rich.table"),
    *("rich.progress", "typer.main", "uvicorn.config", "pydantic.types", "yaml.scanner", "opentelemetry.sdk.resources"),
)
_CREDIT = re.compile(
    r"@[a-z]|https?:|[Aa]uthor|[Cc]opyright|[Ww]ritten|[Cc]ontribut|[Cc]redits|Created|[Mm]odified|PEP|Thanks", re.ASCII
)
_PIECE = 1_500
_CHINESE = """\
写代码的时候，先把问题拆小，再一步一步解决。每一步都应该能单独验证，这样出了错也容易找到原因。如果一开始就想把所有情况都考虑进去，往往什么也写不出来。
水烧开以后转小火，放入切好的姜片和葱段，再把洗净的排骨下锅焯水。撇去浮沫，捞出沥干。另起一锅，放少许油，加冰糖炒出糖色，倒入排骨翻炒均匀，最后加热水没过食材，慢炖四十分钟。
会议室里很安静，只有空调的声音。大家都在等结果，没有人愿意先开口。过了一会儿，门开了，主持人走进来，把一叠材料放在桌上，说评审已经结束，请各组回去准备下一阶段的工作。
接口返回的状态码如果是四百开头，说明请求本身有问题，需要检查参数；如果是五百开头，说明服务端出了错，可以稍后重试。重试时要注意退避，不要一直高频请求，否则会让情况变得更糟。
早睡早起、适量运动、少油少盐，这些道理人人都懂，难的是坚持。与其一次定下很高的目标，不如先从每天走路二十分钟开始，等习惯养成了再慢慢增加。
合同一式两份，双方各执一份，自签字盖章之日起生效。任何一方需要变更内容的，应当提前三十日书面通知对方，经协商一致后另行签订补充协议。未尽事宜，按照有关法律规定执行。
这款产品的优点是轻便、续航长，缺点是屏幕在强光下看不太清楚。如果主要在室内使用，完全够用；如果经常在户外拍照，建议再等等新一代。价格方面，活动期间会便宜一些。
机器学习模型的好坏不能只看训练集上的表现。要留出一部分数据做验证，观察误差怎样随着训练轮数变化。如果训练误差一直下降而验证误差开始上升，就说明模型过拟合了。
秋天的傍晚，风从田野上吹过来，带着稻谷的香气。远处的山渐渐暗下去，近处的灯一盏一盏亮起来。孩子们还在晒谷场上追逐，大人们坐在门口，有一句没一句地聊着今年的收成。
请把下面的要点改写成一段通顺的话，语气正式一些，不要超过两百字：项目进度符合预期；预算略有超支，原因是原材料涨价；下个季度的重点是测试和交付；需要管理层尽快确认验收标准。
排队的人很多，窗口只开了两个。前面的老人填错了表格，工作人员耐心地给他讲了一遍又一遍。后面有人开始抱怨，也有人主动帮忙维持秩序。轮到我的时候，已经快下班了。
数据库的索引不是越多越好。索引可以加快查询，但是每次写入都要维护它，会占用额外的空间和时间。建立索引之前，先看看慢查询日志，弄清楚哪些条件用得最多，再决定要不要加。
老师常说，读书要先厚后薄。厚，是把不懂的地方一个个弄明白，写满批注；薄，是合上书还能用自己的话把主线讲清楚。只有经过这样的来回，知识才真正变成自己的。
本品为白色片剂，口服，一次一片，一日两次，饭后服用。服药期间避免饮酒和驾驶。如果出现皮疹、头晕等不适，应当立即停药并咨询医生。请放在儿童接触不到的地方，避光保存。
"""


def clean_texts(size: int) -> dict[str, list[str]]:
    """By kind, texts of about `size` characters in all, in pieces; there are fewer Chinese ones."""
    return {
        "English prose": _pieces(_prose(), size),
        "code": _pieces(_code(), size),
        "Chinese prose": _CHINESE.splitlines(),
    }


def _prose() -> Iterator[str]:
    """The paragraphs of the language reference, without examples and grammar."""
    for name in sorted(topics):
        for paragraph in topics[name].split("\n\n"):
            if paragraph[:1].isupper() and len(paragraph) > 120 and not _CREDIT.search(paragraph):
                yield textwrap.fill(paragraph, 100)


def _code() -> Iterator[str]:
    """Blocks of source between blank lines."""
    for name in _MODULES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            lines = Path(spec.origin).read_text(encoding="utf-8").splitlines()
            yield from "\n".join(line for line in lines if not _CREDIT.search(line)).split("\n\n")


def _pieces(blocks: Iterator[str], size: int) -> list[str]:
    made, piece = list[str](), ""
    for block in blocks:
        piece += block + "\n\n"
        if len(piece) >= _PIECE:
            made.append(piece)
            piece = ""
        if sum(map(len, made)) >= size:
            break
    return made
