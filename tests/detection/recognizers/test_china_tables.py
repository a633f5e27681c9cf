"""What stands under the heads of a table in Chinese, and what only looks like a table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.china_tables import table_recognizers
from gateway.detection.recognizers.context import WALL

Find = Callable[[str], set[tuple[str, str]]]


@pytest.fixture(scope="module")
def found() -> Find:
    core = PresidioDetector(table_recognizers())
    return lambda text: {(f.entity, text[f.start : f.end]) for f in core.analyze(text)}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("姓名,部门,工号\n田野,市场部,M20417\n", {("PERSON", "田野"), ("PERSON_ID", "M20417")}),
        (
            "工号\t姓 名\r\n20417\t田野\r\n20418\t向阳\r\n",
            {("PERSON_ID", "20417"), ("PERSON_ID", "20418"), ("PERSON", "田野"), ("PERSON", "向阳")},
        ),
        ("| 姓名 | 职务 |\n| :-- | --- |\n| **田野** | 经理 |", {("PERSON", "田野")}),
        (
            "客户姓名 | 紧急联系人\n田野 | 江河（母亲）\nJana Novák | 苏木·巴图",
            {("PERSON", "田野"), ("PERSON", "Jana Novák"), ("PERSON", "苏木·巴图")},
        ),
        ('"姓名","住址"\n"田野","临川市, 青石路 3 号"\n', {("PERSON", "田野"), ("LOCATION", "临川市, 青石路 3 号")}),
        ("姓名　　年龄　　籍贯\n方圆　　34　　临川\n", {("PERSON", "方圆"), ("LOCATION", "临川")}),
        (
            "昵称，微信号，QQ\n晴天，qingtian_88，30417752\n",
            {("USERNAME", "晴天"), ("WECHAT_ID", "qingtian_88"), ("QQ_ID", "30417752")},
        ),
        (
            "姓名 电话 密码\n田野 28740931 K7#xPq\n",
            {("PERSON", "田野"), ("PHONE_NUMBER", "28740931"), ("SECRET", "K7#xPq")},
        ),
        ("單位;聯絡人\n恒晖商行;田野\n", {("ORGANIZATION", "恒晖商行"), ("PERSON", "田野")}),
        ("花名册：\n姓名,性别\n\n田野,女\n\n晴天,好\n", {("PERSON", "田野")}),
    ],
)
def test_cells_are_what_their_head_says(found: Find, text: str, values: set[tuple[str, str]]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "姓名\t田野\n性别\t女\n职务\t经理\n",  # a form: what it holds is found by other means, and `性别` is nobody
        "姓名\t田野\t性别\t女\n电话\t座机\t地址\t不详\n",
        "请提供姓名，电话，地址。\n我们会，尽快，联系您\n",
        "姓名,部门\n无,市场部\n合计,3\n",
        "姓名,部门,工号\n田野的部门在哪里\n",
        "公司，单位。\n你好，再见。\n",
        "姓名,年龄\n",
        "",
    ],
)
def test_what_is_no_table_has_no_cells(found: Find, text: str) -> None:
    assert found(text) == set()


def test_a_table_ends_where_the_next_text_of_a_page_begins(found: Find) -> None:
    text = f"姓名,工号\n田野,甲1234{WALL}晴天,甲5678\n"
    assert found(text.replace("甲", "x")) == {("PERSON", "田野"), ("PERSON_ID", "x1234")}
    assert found(f"工号,姓名,性别{WALL}x1234,田野,女\n") == set()


def test_a_long_sheet_is_read_to_its_end(found: Find) -> None:
    rows = [f"{n},{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'子丑寅卯辰巳午未申酉戌亥'[n % 12]},备注备注备注\n" for n in range(1_500)]
    text = "序号,姓名,备注\n" + "".join(rows)
    assert len(text) > 16_384
    assert len(found(text)) == len({row.split(",")[1] for row in rows})
    assert ("PERSON", rows[-1].split(",")[1]) in found("序号,姓名,备注\n" + "又,某,某\n" * 2_000 + rows[-1])
