"""Columns of tables with a Chinese head: what stands under `姓名` is a name, under `工号` a number of a person.

People paste sheets: separated by commas, tabs, bars or wide gaps. Names there have no sentence around them, and what says
what a number is stands a hundred lines above it. A table is a head of at least two cells that are known as heads, one of
them of such a column, and the lines below it that have as many cells. A line of hyphens between them, as Markdown has it,
may be there, or an empty one. What a cell holds must still look like what its column is called. A head counts for as much
text as is looked at in one piece, some 65,000 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import TypeAlias

from presidio_analyzer import EntityRecognizer, RecognizerResult

from gateway.detection.recognizers.context import WALL
from gateway.detection.recognizers.patterns import LONG, CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG

_Span: TypeAlias = tuple[int, int]
_WHO = (
    "(?:(?:紧急)?联[系络]|聯[繫絡]|收[件货]|收貨|寄件|发件|發件|负责|負責|经办|經辦|经手|申请|申請|报名|报销|签收|借款|"
    "收款|付款|持卡|投保|被?保险|受益|监护|担保|审批|值班|推荐|录入|登记|举报|投诉|报案|法定代表|法|入住|乘车|乘机|预订|"
    "订票|订购|购买|被?访|参会|参加)人"
)
_NAMED = (
    "(?:员工|客户|用户|学生|患者|病人|会员|家长|教师|老师|司机|乘客|旅客|业主|户主|车主|嘉宾|候选人|考生|真实|中文|英文|"
    "父亲|母亲|配偶|子女|家属|監護人|學生|員工|客戶|用戶|會員|乘客|教師|老師)?"
)
_PEOPLE = (
    rf"{_NAMED}姓 ?名|{_WHO}(?:姓名|名称)?|业主|業主|户主|车主|户名|房东|租客|司机|骑手|快递员|主治医[生师]|医生|医师|"
    rf"班主任|任课教师|"
    "客户经理|销售员?|业务员|客服专员|家长|监护人|监考|值班(?:人员)?|参会人员?|与会者"
)
_LETTERS = r"A-Za-z\u00c0-\u024f"
_NAME = (
    rf"[\u3400-\u9fff·•]{{2,20}}|[\u3400-\u9fff]{{1,4}}[ ]?[（(][{_LETTERS} .'-]{{2,30}}[）)]|"
    rf"[{_LETTERS}][{_LETTERS} .,'’-]{{1,40}}"
)
_COLUMNS = MappingProxyType(
    {
        "PERSON": (_PEOPLE, _NAME),
        "PERSON_ID": (
            "工 ?号|工號|员工(?:编)?号|員工(?:編)?號|职工号|学 ?号|學號|学籍号|考生号|准考证号|会员(?:卡|编)?号|"
            "會員(?:卡|編)?號|客户(?:编)?号|客戶(?:編)?號|用户(?:编号|ID|id)|用戶編號",
            r"(?=(?:[A-Za-z-]{0,8}[0-9]){3})[A-Za-z0-9]{1,20}(?:[-_/][A-Za-z0-9]{1,12}){0,4}",
        ),
        "LOCATION": (
            "(?:(?:家庭|收[货件]|联系|详细|通[讯信]|居住|户籍|现住|寄件|邮寄|单位|公司|办公|注册|送货|配送|常住|"
            "房屋)?[地住]址|聯絡地址|通訊地址|籍 ?贯|籍貫|户籍(?:所在)?地|出生地|现居地|现住址|所在[城市地区省县]{1,2}|"
            "居住地)",
            r"(?=[^\n]*[\u3400-\u9fff])[^\n\"]{2,80}",
        ),
        "ORGANIZATION": (
            "(?:工作|就职|所在|所属)?单位(?:名称)?|公司(?:名称)?|(?:供应|经销|代理|承运)商(?:名称)?|企业名称|毕业(?:院校|"
            "学校)|就读学校|开户(?:银)?行|雇主|公司名稱|單位|畢業學校",
            r"(?=[^\n]*[\u3400-\u9fffA-Za-z]{2})[^\n\"]{2,60}",
        ),
        "USERNAME": ("昵称|暱稱|网名|網名|用户名|用戶名|登录名|登录账号|微信昵称|微信名", r"[^\s\",;|]{2,24}"),
        "WECHAT_ID": ("微信号?|微信账号|微信號", r"[A-Za-z][A-Za-z0-9_-]{5,19}|[0-9]{6,15}"),
        "QQ_ID": ("(?i:qq)(?:号码?|號碼?)?", r"[1-9][0-9]{4,11}"),
        "PHONE_NUMBER": (
            "(?:联系|家庭|办公|住宅|公司|单位|紧急)?(?:电话|手机)(?:号码?)?|联系方式|聯絡電話|電話|手機(?:號碼)?|座机|"
            "传真|分机",
            r"\+?(?=(?:[^0-9]?[0-9]){7})[0-9][0-9 ()（）-]{5,18}[0-9]",
        ),
        "SECRET": ("(?:登录|初始|支付|交易)?密 ?码|密碼|口令", r"(?=\S*[A-Za-z0-9])\S{4,64}"),
    }
)
"""For each type: the heads of its columns, and what a cell may hold."""
_OTHER_HEADS = (
    "序 ?号|编 ?号|性 ?别|年 ?龄|部 ?门|职[务位称]|岗位|邮箱|电子邮[箱件]|(?:备 ?|說|说)[注明]|日期|时间|金额|数量|单价|"
    "状态|班级|年级|学院|专业|成绩|分数|科室|床号|诊断|房间号?|房号|楼栋|车牌号?|身份证号?码?|证件号码?|入职(?:日期|"
    "时间)|出生(?:日期|年月)|生日|民族|学历|城市|省份|区域|国籍|[工薪]资|实发(?:金额)?|(?:银行)?卡号|账号|类[型别]|等级|"
    "产品(?:名称)?|商品(?:名称)?|订单号|快递单号|運單號|性別|年齡|部門|職稱|備註|電郵|生日|班級|金額|(?i:id|no\\.?|"
    "e-?mail|phone|name|age|sex|gender|department|title|date|amount|address)"
)
"""What a head has beside them."""
_TRIMMED = re.compile('[ \t\r\u3000]*["“*]{0,2}(?P<value>.*?)["”*]{0,2}[ \t\r\u3000]*', re.DOTALL)
_TAB, _BAR = re.compile("\t"), re.compile("[|｜]")
_SEPARATORS = (_TAB, _BAR, *map(re.compile, (",", "，", ";", "[ \u3000]{2,}", " ")))
_RULE = re.compile(r"[\s|:+=-]*")
_MOST_CELLS, _LONGEST_HEAD, _LONGEST_LINE = 40, 12, 1_000
_UNTOLD = re.compile(
    r"(?i)[-—/\\*#?？.\s]*|n/?a|null|none|nil|[无無空]|暂无|未[填知]?|不详|待[定补]|同上|保密|匿名|[合总小共总]计|xxx+|"
    r"某+|必填|选填|字符串|文本|string|varchar.*|text|char.*|int.*|示例.*|[是否男女]"
)
"""What a cell holds that tells nothing, in the last line of a sheet too, or in the plan of a table."""
_ANY_HEAD = re.compile("|".join((*(heads for heads, _ in _COLUMNS.values()), _OTHER_HEADS)))
_BESIDE = r"\t\n\f\r ,，;|｜"
"""What cells stand between, with the wide space, which RE2 writes in another way."""
_QUOTE = '["“”*]{0,2}'


class _Column(CheckedPatternRecognizer):
    """The cells of one type's columns."""

    def __init__(self, entity: str, heads: str, value: str) -> None:
        gate = rf"(?:^|[{_BESIDE}\x{{3000}}]){_QUOTE}(?:{heads}){_QUOTE}(?:[{_BESIDE}\x{{3000}}]|$)"
        form = rf"(?:(?<![\s\S])|(?<=[{_BESIDE}\u3000])){_QUOTE}(?:{heads}){_QUOTE}(?:(?=[{_BESIDE}\u3000])|\Z)"
        name = f"Column{entity.title().replace('_', '')}"
        super().__init__(entity, [(form, STRONG)], name=name, gate=(gate,), reach=LONG)
        self._form, self._heads, self._value = map(re.compile, (form, heads, value))

    def results(self, text: str) -> list[RecognizerResult]:
        entity, metadata, done = self.supported_entities[0], self._metadata, 0
        found: list[RecognizerResult] = []
        for word in self._form.finditer(text):
            if word.start() < done:
                continue
            lo, done = _line(text, word.start())
            for start, end in self._below(text, lo, done) if _before_wall(text, done) == done else ():
                found.append(RecognizerResult(entity, start, end, STRONG, recognition_metadata=metadata))
                done = end
        return found

    def _below(self, text: str, lo: int, hi: int) -> Iterator[_Span]:
        """The cells that count, if this line is the head of a table."""
        for separator in _SEPARATORS if hi - lo <= _LONGEST_LINE else ():
            cells = _cells(text, lo, hi, separator)
            columns = [at for at, cell in enumerate(cells) if self._heads.fullmatch(text, *cell)]
            if columns and _is_head(text, cells):
                for row in _rows(text, hi, separator, len(cells)):
                    yield from (row[column] for column in columns if self._tells(text, *row[column]))
                return

    def _tells(self, text: str, lo: int, hi: int) -> bool:
        return self._value.fullmatch(text, lo, hi) is not None and _UNTOLD.fullmatch(text, lo, hi) is None


def table_recognizers() -> tuple[EntityRecognizer, ...]:
    """One for each type that a column may have."""
    return tuple(_Column(entity, heads, value) for entity, (heads, value) in _COLUMNS.items())


def _line(text: str, at: int) -> _Span:
    """The line around a place, without its end."""
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end


def _before_wall(text: str, end: int) -> int:
    """Where a line ends without the wall to the next text of a page, if it has one."""
    return end - (len(WALL) - 1) * text.startswith(WALL, max(0, end - len(WALL) + 1))


def _is_head(text: str, cells: list[_Span]) -> bool:
    """Two of a head's cells say what stands below: `姓名 | 张三` is a line of a form."""
    if len(cells) > _MOST_CELLS or any(hi - lo > _LONGEST_HEAD for lo, hi in cells):
        return False
    return sum(_ANY_HEAD.fullmatch(text, lo, hi) is not None for lo, hi in cells) > 1


def _rows(text: str, end: int, separator: re.Pattern[str], width: int) -> Iterator[list[_Span]]:
    """The cells of each line behind a head that ends there, to the first that is no line of the table, or the text's last."""
    begun = False
    hi = end
    while end < len(text) and hi == end:
        lo, end = _line(text, end + 1)
        hi = _before_wall(text, end)
        if _RULE.fullmatch(text, lo, hi):
            if begun and not text[lo:hi].strip():
                return
            continue
        cells = _cells(text, lo, hi, separator)
        if len(cells) != width or any(_ANY_HEAD.fullmatch(text, *cell) for cell in cells):
            return
        begun = True
        yield cells


def _cells(text: str, lo: int, hi: int, separator: re.Pattern[str]) -> list[_Span]:
    """Where the cells of a line lie, without white space, quotation marks and stars around them."""
    if separator is not _TAB:
        lo, hi = _without_space(text, lo, hi)
    if separator is _BAR:
        lo, hi = _without_bars(text, lo, hi)
    cells, quotes, seen = [], 0, lo
    for gap in separator.finditer(text, lo, hi):
        quotes += text.count('"', seen, gap.start())
        seen = gap.start()
        if quotes % 2 == 0:
            cells.append(_trimmed(text, lo, gap.start()))
            lo = gap.end()
        if len(cells) > _MOST_CELLS:
            break
    return [*cells, _trimmed(text, lo, hi)]


def _without_bars(text: str, lo: int, hi: int) -> _Span:
    """A bar may also stand before the first cell, and behind the last one."""
    return lo + text.startswith(("|", "｜"), lo, hi), hi - (hi - lo > 1 and text.endswith(("|", "｜"), lo, hi))


def _without_space(text: str, lo: int, hi: int) -> _Span:
    line = text[lo:hi]
    return hi - len(line.lstrip()), lo + len(line.rstrip())


def _trimmed(text: str, lo: int, hi: int) -> _Span:
    found = _TRIMMED.fullmatch(text, lo, hi)
    return (lo, hi) if found is None else found.span("value")
