"""Foreign names by their sounds: `克莱-汤普森`, `海登·格鲁弗`. What a joint holds together is one name, seen or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.detection.taggers.han.titled import SURNAMES
from gateway.detection.taggers.sieve import Tag

_SOUNDS = (
    "阿埃艾爱安昂敖奥巴班邦保鲍贝本比彼毕宾波伯博勃卜布查茨达戴丹当道德邓狄迪蒂登丁东杜顿多厄恩尔法凡范菲费芬丰佛夫弗福富盖甘高戈格葛根贡古"
    "瓜圭哈海罕汉翰亨赫黑洪侯胡华怀惠霍基吉季加贾嘉杰捷婕金津喀卡凯坎康考柯科克肯孔库夸昆拉莱赖兰朗劳勒雷蕾里黎利丽莉莲廉列林琳龙隆卢鲁路"
    "露吕伦萝罗洛马玛迈麦曼芒毛梅门蒙弥米密缪莫墨默姆穆娜纳奈南瑙内尼妮涅宁纽农努诺欧帕潘庞裴佩彭皮匹平珀蒲普奇齐契恰钱乔切琴琼丘邱让热"
    "仁荣茹儒瑞若萨塞赛桑瑟森沙莎山珊姗尚绍舍申圣施什石史士舒斯丝思松苏孙索塔泰坦汤唐陶特滕提图托陀娃瓦万旺威韦维魏温文翁沃乌吾伍武希西锡夏"
    "香肖谢辛欣休许雪逊雅娅亚延扬尧耶叶伊依易因英永尤于约云泽扎詹张珍朱兹宗佐黛薇蓓芭芙蔻妲姬菈薛买吐孜再力肉木江合"
)
"""Characters that foreign names are written with in Chinese, a syllable each. Most are ordinary words or surnames too."""
_SURNAMES = SURNAMES | frozenset("于易任安季常")
_PART = re.compile(rf"[{_SOUNDS}]+(?:[·•・‧∙][{_SOUNDS}]+)*")
_LIKE_CHINESE = 3
"""Characters: what begins with a surname and is no longer may be a Chinese name."""
_LONGEST = 60
"""Characters of a name of many parts: more are not looked at again for every part that is joined."""
_POINTS, _DASHES = frozenset("·•・‧∙"), frozenset("-－–—‐‑`")
_BEHIND = re.compile(rf"[·•・‧∙][{_SOUNDS}]{{1,8}}(?<![当因于让约本])")
_BEFORE = re.compile(rf"(?<![{_SOUNDS}])[{_SOUNDS}]{{1,8}}[·•・‧∙]\Z")
_REACH = 10


def whole_foreign_names(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with the parts of such names, and of places (`北京·八达岭`), joined."""
    whole: list[Tag] = []
    for at, tag in enumerate(tags, 1):
        if whole and (entity := _joined(text, whole[-1], tag)):
            whole[-1] = replace(whole[-1], end=tag.end, entity=entity)
        else:
            done = whole[-1].end if whole else 0
            whole.append(_with_part_before(text, tag, done))
        limit = tags[at].start if at < len(tags) else len(text)
        whole[-1] = _with_part_behind(text, whole[-1], limit)
    return whole


def is_foreign(text: str, start: int, end: int) -> bool:
    """Whether a name may be spelled by its sounds alone."""
    return end - start <= _LONGEST and _PART.fullmatch(text, start, end) is not None


def _joined(text: str, left: Tag, right: Tag) -> str:
    """What the two are together; nothing where they are not one name."""
    if right.start - left.end != 1 or (joint := text[left.end]) not in _POINTS | _DASHES:
        return ""
    kinds = {left.entity, right.entity}
    if kinds == {"LOCATION"}:
        return "LOCATION" if joint in _POINTS else ""
    if "PERSON" not in kinds or not (is_foreign(text, left.start, left.end) and is_foreign(text, right.start, right.end)):
        return ""
    if joint in _POINTS:
        return "PERSON"
    both_chinese = _like_chinese(text, left) and _like_chinese(text, right)
    return "PERSON" if kinds == {"PERSON"} and not both_chinese else ""


def _like_chinese(text: str, tag: Tag) -> bool:
    return tag.end - tag.start <= _LIKE_CHINESE and text[tag.start] in _SURNAMES


def _with_part_behind(text: str, tag: Tag, limit: int) -> Tag:
    if tag.entity != "PERSON" or text[tag.end : tag.end + 1] not in _POINTS:
        return tag
    found = _BEHIND.match(text, tag.end, limit) if is_foreign(text, tag.start, tag.end) else None
    return tag if found is None else replace(tag, end=found.end())


def _with_part_before(text: str, tag: Tag, done: int) -> Tag:
    if tag.entity != "PERSON" or text[tag.start - 1 : tag.start] not in _POINTS:
        return tag
    found = _BEFORE.search(text, max(done, tag.start - _REACH), tag.start) if is_foreign(text, tag.start, tag.end) else None
    return tag if found is None else replace(tag, start=found.start())
