"""Texts without sentences: forms, records and tables, as tools and databases write them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from training.marks import Part
from training.vary import Entities, Parts

_ENGLISH: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "P": "name full_name customer author to from recipient contact manager patient employee assignee reporter owner signed_by "
        "Name Customer Attendee Driver Guest user_name first_name last_name surname cc approved_by teacher".split(),
        "L": "city town hometown location destination origin place City birthplace branch".split(),
        "C": "country nationality_country Country region market".split(),
        "A": "address shipping_address billing_address home_address Address street deliver_to".split(),
        "O": "company employer vendor supplier client organization Company account_name insurer".split(),
        "U": "school hospital university clinic".split(),
        "": "id status type priority color quantity total currency date created_at version model size notes subject title category "
        "action result level message language format enabled timeout file path query product plan step role pesel ssn iban nhs_number "
        "NHS_number Passport_number Policy_number Tax_ID Account_number IBAN SSN MRN IMEI PESEL tracking_number SKU".split(),
    }
)
_CHINESE: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "P": "姓名 联系人 收件人 客户 经办人 负责人 患者 作者 签字 申请人 法定代表人 乘客 班主任 name 投保人 家长".split(),
        "L": "城市 所在地 籍贯 目的地 出发地 出生地 city".split(),
        "C": "国家 国籍所在国 country".split(),
        "A": "地址 收货地址 家庭住址 通讯地址 户籍地址 address 注册地址 详细地址".split(),
        "O": "公司 单位 供应商 开户行 雇主 company 投保公司 客户名称".split(),
        "U": "学校 医院 毕业院校 就诊医院".split(),
        "": "编号 状态 类型 优先级 颜色 数量 金额 币种 日期 版本 型号 尺寸 备注 主题 标题 类别 结果 等级 语言 格式 职务 套餐 步骤 科室".split(),
    }
)
_SAMPLE: Mapping[str, str] = MappingProxyType(
    {"P": "Ann Lee Long", "L": "Leeds", "C": "Spain", "A": "12 High Street, Leeds", "O": "Acme Trading", "U": "Leeds High"}
)
_HAN_SAMPLE: Mapping[str, str] = MappingProxyType(
    {"P": "王小明", "L": "杭州", "C": "法国", "A": "杭州市文一路1号101室", "O": "杭州某某科技有限公司", "U": "浙江大学"}
)
_WORDS = (
    "open closed pending high low red blue express standard monthly EUR USD true false null draft final Approved Rejected urgent "
    "In progress, 12 units, 3.5 kg, Basic, Premium, weekly report, see attachment, N/A, none, second floor, front desk, laptop, error 404"
)
_HAN_WORDS = "已完成,待处理,高,低,红色,人民币,元,是,否,无,见附件,急件,普通,月付,经理,内科,笔记本电脑,审批中,第二步,待定,良好"


@dataclass(frozen=True, slots=True)
class Forms:
    """Makes forms with entities from `entities`; `plain` are values that are nobody's name."""

    entities: Entities
    chance: random.Random
    plain: Sequence[str]
    chinese: bool = False

    def make(self) -> Parts:
        rows = [self._row() for _ in range(self.chance.randrange(1, 8))]
        return self.chance.choice((self._lines, self._lines, self._walled, self._json, self._assigned, self._table))(rows)

    def _row(self) -> tuple[str, Part]:
        keys = _CHINESE if self.chinese else _ENGLISH
        kind = self.chance.choice(("P", "P", "P", "L", "C", "A", "O", "O", "U", "", "", "", "", ""))
        return self.chance.choice(keys[kind]), self._value(kind)

    def _value(self, kind: str) -> Part:
        chance = self.chance
        if kind:
            sample = (_HAN_SAMPLE if self.chinese else _SAMPLE)[kind]
            if kind == "P" and not self.chinese:
                sample = " ".join(sample.split()[: chance.choice((1, 2, 2, 2, 3))])
            if kind == "P" and self.chinese:
                sample = sample[: chance.choice((2, 3, 3))]
            return Part(self.entities.like(kind, sample).replace("\n", ", "), kind)
        words = (
            _HAN_WORDS.split(",")
            if self.chinese
            else [w.strip() for w in _WORDS.replace(", ", ",").split(",")] + _WORDS.split()[:20]
        )
        number = chance.choice(
            (f"{chance.randrange(10**6)}", f"2024-0{chance.randrange(1, 9)}-1{chance.randrange(9)}", f"{chance.random():.2f}")
        )
        return Part(chance.choice((chance.choice(words), chance.choice(self.plain), number)))

    def _lines(self, rows: Sequence[tuple[str, Part]]) -> Parts:
        joint, end = (
            self.chance.choice((": ", ":", "：", " - ", " = ", ":\t", " | ")),
            self.chance.choice(("\n", "\n", "; ", "\n\n", "  ")),
        )
        return _joined((Part(key + joint), value, Part(end)) for key, value in rows)

    def _walled(self, rows: Sequence[tuple[str, Part]]) -> Parts:
        return _joined((Part(f"{key}: "), value, Part(" .\n")) for key, value in rows)

    def _json(self, rows: Sequence[tuple[str, Part]]) -> Parts:
        return (Part("{"), *_joined((Part(f'"{key}": "'), value, Part('", ')) for key, value in rows)[:-1], Part('"}'))

    def _assigned(self, rows: Sequence[tuple[str, Part]]) -> Parts:
        quote = self.chance.choice(("", '"', "'"))
        return _joined((Part(f"{key}={quote}"), value, Part(f"{quote} ")) for key, value in rows)

    def _table(self, rows: Sequence[tuple[str, Part]]) -> Parts:
        bar = self.chance.choice((",", "|", "\t", " | ", ";"))
        head = Part(bar.join(key for key, _ in rows) + "\n")
        lines = []
        for _ in range(self.chance.randrange(1, 4)):
            cells = _joined((Part(bar), Part(self._again(value).text, value.kind)) for _, value in rows)
            lines += [*cells[1:], Part("\n")]
        return (head, *lines)

    def _again(self, value: Part) -> Part:
        return self._value(value.kind)


def _joined(groups: Iterable[Parts]) -> Parts:
    return tuple(part for group in groups for part in group if part.text)
