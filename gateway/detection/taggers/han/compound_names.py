"""Tibetan and Mongol names in characters: `次仁卓玛`, `额尔德尼巴特尔`. They are compounds, which a network cuts in the middle.

Two words that such names consist of, side by side, are one; a single word is one before a title, or if it is long enough to be
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from gateway.detection.taggers.han.titled import SURNAMES
from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_TIBETAN = (
    "扎西|次仁|才仁|泽仁|卓玛|央金|平措|彭措|旺堆|格桑|罗布|达娃|达瓦|尼玛|巴桑|拉姆|拉毛|德吉|白玛|多吉|丹增|旦增|登增|洛桑|仁增|索朗|索南|边巴|"
    "强巴|曲珍|曲吉|措姆|贡布|贡嘎|坚赞|坚参|嘎玛|晋美|普布|其美|群培|群佩|仁青|仁钦|桑珠|顿珠|土登|图登|旺姆|旺久|旺加|旺扎|旺杰|云丹|益西|扎巴|"
    "玉珍|欧珠|朗杰|朗加|嘉措|加措|拉巴|米玛|才让|才旦|卓嘎|央宗|桑吉|桑杰|措毛|阿旺|昂旺|班觉|班丹|贡桑|丹巴|丹珠|洛追|洛珠|曲扎|曲杰|曲培|曲桑|"
    "达杰|桑布|次旺|次旦|次央|次珍|白珍|德庆|德珍|央吉|央珍|拉珍|拉宗|仓决|梅朵|赤列|江村|江措|江白|向巴|泽旺|泽郎|尕藏|多杰|南杰|更登|久美|旦巴|华旦"
)
_MONGOL = (
    "巴特尔|巴雅尔|巴图|朝鲁|朝克|朝格|额尔德尼|额尔敦|额日登|呼和|呼格吉勒|呼日勒|格日勒|其其格|琪琪格|萨仁|萨日娜|萨日朗|乌云|娜仁|娜布其|"
    "托娅|图雅|高娃|苏日娜|乌日娜|阿拉坦|阿拉腾|布和|布赫|毕力格|毕勒格|宝音|孟和|孟克|斯琴|斯钦|苏和|苏赫|达来|哈斯|吉日嘎拉|吉尔格勒|特木尔|"
    "铁木尔|乌力吉|满都拉|阿古拉|其木格|齐木格|通拉嘎|敖登|敖特根|牧仁|那日苏|斯日古楞|道尔吉|敖其尔|巴根|乌仁|珊丹|苏布达|青格乐|青格勒|朝伦|"
    "胡日查|图门|图布信|图力古尔|恩和|恩克|宝力高|宝力道|那顺|纳顺|那钦|阿木尔|阿木古楞|旭日干|格根|塔娜|吉雅|乌恩|乌恩其|布仁"
)
_LONE = (
    "巴特尔|巴雅尔|额尔德尼|呼格吉勒|格日勒|其其格|琪琪格|萨日娜|苏日娜|乌日娜|毕力格|吉日嘎拉|吉尔格勒|特木尔|乌力吉|其木格|齐木格|通拉嘎|敖特根|"
    "那日苏|斯日古楞|道尔吉|青格乐|图力古尔|阿木古楞|宝力道|旭日干|朝克图|朝格图"
)
_END = "[图夫花]"
"""What a Mongol name may add: `格日勒图`."""
_TITLE = (
    "先生|女士|小姐|大[叔妈爷娘哥姐]|阿[妈爸佳]|老师|校长|教授|医生|大夫|护士|同学|同志|书记|主任|主席|局长|县长|乡长|村长|队长|经理|委员|律师|警官|"
    "喇嘛|活佛|师傅"
)
_SURNAMES = "".join(sorted(SURNAMES))
"""What stands before a word that is a given name: `陶孟和教授`."""
_NO_NAME = "(?![市区县旗盟州镇乡村山河湖苏滩路街寺草淖召])"
_TWO = rf"(?:{_TIBETAN}){{2,3}}|(?:{_MONGOL}){{2,3}}{_END}?"
_NAME = re.compile(rf"(?<!班禅)(?:{_TWO}|(?:{_LONE}){_END}?|(?<![{_SURNAMES}])(?:{_TIBETAN}|{_MONGOL})(?={_TITLE})){_NO_NAME}")
_GATE = rf"(?:{_TIBETAN}){{2}}|(?:{_MONGOL}){{2}}|{_LONE}|(?:{_TIBETAN}|{_MONGOL})(?:{_TITLE})"
_MAY_BE = re2.compile(_GATE)
"""RE2 sees quickly that most texts have none, and otherwise where one is."""
_SCORE = 0.9


def compound_names(text: str) -> Iterator[Tag]:
    """A tag for each such name."""
    done = 0
    for place in _MAY_BE.finditer(text):
        found = _NAME.match(text, place.start()) if place.start() >= done else None
        if found is not None:
            done = found.end()
            yield Tag(*found.span(), "PERSON", _SCORE)


COMPOUND_NAMES = NameRule((_GATE,), compound_names)
