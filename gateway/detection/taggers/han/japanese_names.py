"""Japanese names in characters: `中村洋子`, `伊藤真由美`. Chinese names rarely have four, so a network leaves the last ones.

A family name of two or three characters that is a common one, and a given name: a character that many begin with and one that
many end with, with one of 由佐喜代那久 between them where there are three. What reads as a Chinese word is left (`小林一行`).
The family name alone counts before a title (`中村教授`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_SURNAME = (
    "佐佐木|佐々木|长谷川|長谷川|五十岚|五十嵐|佐藤|铃木|鈴木|高桥|高橋|田中|伊藤|渡边|渡辺|渡邊|山本|中村|小林|加藤|吉田|山田|山口|松本|井上|木村|"
    "斋藤|斎藤|齋藤|清水|山崎|池田|桥本|橋本|阿部|石川|山下|中岛|中島|石井|小川|前田|冈田|岡田|藤田|后藤|後藤|青木|坂本|村上|近藤|远藤|遠藤|福田|"
    "太田|西村|藤井|金子|三浦|藤原|冈本|岡本|松田|中川|中野|原田|小野|田村|竹内|中山|和田|石田|森田|上田|内田|柴田|酒井|宫崎|宮崎|横山|高木|"
    "安藤|宫本|宮本|大野|小岛|小島|工藤|今井|丸山|增田|増田|高田|藤本|村田|武田|上野|杉山|平野|大塚|千叶|千葉|久保|松井|岩崎|野口|松尾|"
    "野村|菊地|佐野|大西|杉本|新井|浜田|濱田|市川|古川|水野|小松|岛田|島田|小山|高野|西田|菊池|山内|西川|北村|安田|吉川|川口|平田|关口|関口|"
    "松下|松村|吉村|中田|中西|服部|川崎|桑原|片山|远山|遠山|黑田|黒田|樱井|桜井|渡部|熊谷|本田|川上|秋山|永井|荒木|大岛|大島|辻本|土屋|堀内"
)
_FIRST = (
    "爱愛阳陽香直千真美和幸惠恵弘洋智结結由优優裕雅明健大太翔拓悠达達浩俊隆正义義信博哲康英秀春夏秋冬樱桜莉彩理绫綾沙佐早玲铃鈴杏"
    "静京友朋典纪紀光孝敬茂昭良纯純敏利文武勇龙龍虎海空莲蓮苍蒼凉涼亮圭启啓慎诚誠贤賢伸辰晴遥遙瑞礼加久喜多奈野百八三恭顺順清芳节節富绘絵麻亚亜未葵辽遼骏駿凌岳拳慧聪聡"
)
_LAST = (
    "子美香奈里代惠恵江枝菜衣花莉咲织織穗穂绪緒央音希乃郎太介树樹也夫雄男彦之平吾司志哉斗辅輔治吉一二次助佑祐马馬真幸弘宏博信义義"
    "隆季纪紀沙世津登仁史德徳贵貴晃成"
)
_NO_NAME = (
    "美食|美好|和平|和美|和一|明信|明一|大吉|大夫|太太|太平|多香|信义|正义|文史|文治|文登|海马|"
    "空马|海空|清和|友好|三次|三世|八一|野马|光之|千里|香菜|春香|春花|多子|由之|公平|利好|空之"
)
_GIVEN = rf"(?!{_NO_NAME})[{_FIRST}](?:[由佐喜代那久][{_LAST}]|[{_LAST}])"
_TITLE = (
    "首相|外相|防[卫衛]相|大臣|社长|社長|议员|議員|选手|選手|先生|女士|小姐|教授|老师|老師|医生|律师|律師|课长|課長|同学|同學|"
    "さん"
)
_NAME = re.compile(rf"(?:{_SURNAME})(?:{_GIVEN}|(?={_TITLE}))")
_SCORE = 0.95


def japanese_names(text: str) -> Iterator[Tag]:
    """A tag for each such name."""
    for found in _NAME.finditer(text):
        yield Tag(*found.span(), "PERSON", _SCORE)


JAPANESE_NAMES = NameRule((rf"(?:{_SURNAME})(?:[{_FIRST}]|{_TITLE})",), japanese_names)
