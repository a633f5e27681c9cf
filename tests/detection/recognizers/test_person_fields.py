"""Names that a field, an introduction or a greeting tells; and what stands there without being one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.groups import group_recognizers
from gateway.detection.recognizers.person_fields import person_field_recognizers


@pytest.fixture(scope="module")
def found() -> Callable[[str], set[str]]:
    core = PresidioDetector([*person_field_recognizers(), *group_recognizers()])
    return lambda text: {text[f.start : f.end] for f in core.analyze(text)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"first_name": "Ilse", "last_name": "Kertész"}', {"Ilse", "Kertész"}),
        ("Patient name: Joan van der Meer  Age: 61", {"Joan van der Meer"}),
        ("WHERE first_names LIKE 'ilse%'", {"ilse"}),
        ("Surname: O'Brien-Lowe\nAge: 4", {"O'Brien-Lowe"}),
        ("<ln>Kreuzer</ln>", {"Kreuzer"}),
        ("Passenger: KOWALSKA/EWELINA, seat 4", {"KOWALSKA/EWELINA"}),
        ("flying MORALES/CATALINA MRS, seat 4", {"MORALES/CATALINA"}),
        ("WHERE last_name ILIKE '%lindqvist%'", {"lindqvist"}),
        ("yo my names darnell", {"darnell"}),
        ("Nationality: Vietnamese\nReligion: Sunni Muslim\n", {"Vietnamese", "Sunni Muslim"}),
        ("hi, my name is tamsin, my case is lost", {"tamsin"}),
        ("See you.\n\nBest regards,\nMo", {"Mo"}),
        ("thanks,\r\n  raj", {"raj"}),
        ("first_name: Will .\nlast_name: May .\n", {"Will", "May"}),  # as fields of a body share a page
        ("Thanks,\nraj .\n", {"raj"}),
        ("姓名：买合木提江·阿布都热合曼 电话", {"买合木提江·阿布都热合曼"}),
        ("姓 名 尹 志 强 性 别 男", {"尹 志 强"}),
        ("收件人：贡觉卓玛\n", {"贡觉卓玛"}),
        ("联系人: Emily Tsai，", {"Emily Tsai"}),
        ("乘机人LIU/YIFEI，", {"LIU/YIFEI"}),
        ("开票人：云朵 ", {"云朵"}),
        ("考生姓名：春晓\n", {"春晓"}),
        ("经营者：海洋，", {"海洋"}),
        ("免贵姓佘，", {"佘"}),
        ("小名糖豆，大名覃语桐。", {"糖豆", "覃语桐"}),
        ("我的名字是邹刚刚。", {"邹刚刚"}),
        ("患者姓名为何静，入院三天", {"何静"}),
        ("她妈妈的名字叫做任明白\n", {"任明白"}),
        ("民族：汉，回族和穆斯林", {"汉", "回族", "穆斯林"}),
    ],
)
def test_a_name_is_told(found: Callable[[str], set[str]], text: str, names: set[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        '"first_name": "required", "last_name": null',
        "last_name: str = Field(...)",
        "full_name = first + last",
        "First name: Required",
        "my name is not on the list",
        "Thanks,\nthe team at the desk",
        "Best regards,\nSupport Team",
        "Thanks for the help",
        "姓名：无",
        "姓名：必填，",
        "收款人：某某银行，",
        "联系人：妈妈",
        "收件人: 采购部\n",
        "记录人：\n时间：",
        "经营者：某某超市 ",
        "他真名好像姓郝，",
        "河北省大名县金滩镇，",
        "我的名字是什么？",
        "他的名字是何意？",
        "它的名字是黄色的。",
        "她的名字是白的，不好看",
        "你的名字是白小智。",  # said to a model
        "文件的名字是高数。",
        "客户姓名为高管，",
        "水族馆在回族自治区",
        "passenger = Passenger(seat)",
    ],
)
def test_nobody_is_told(found: Callable[[str], set[str]], text: str) -> None:
    assert found(text) == set()
