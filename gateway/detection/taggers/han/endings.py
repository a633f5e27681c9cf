"""Words right after a Chinese name that say what it is the name of: `上海` is a place, `上海分行` a bank's branch.

Networks see such words too, but where a name is rare they often stop behind what they know of it, and the rest would go out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.detection.taggers.sieve import Tag

_BRANCH = (
    r"(?:分行|支行|总行|分公司|子公司|分局|分社|营业[部厅]|信用卡中心|客服中心|研发中心|(?:编辑|公关|市场|财务|人事|法务|"
    r"信贷|技术|研发|客服|销售|采购|宣传)部){1,3}"
)
_TEAM = r"(?:国家|代表|青年|足球|篮球|排球)?队(?![员长友伍列医形服旗])|[男女](?:队(?![员长友伍])|[足排篮](?!球))"
_OF_ORGANISATION = re.compile(rf"{_BRANCH}|公司|集团|工作室|俱乐部|信托|研究[院所]|[乐樂战戰]队|乐团|旗舰店|专卖店|{_TEAM}")
_OF_PLACE = re.compile(
    rf"{_BRANCH}|政府|议会|军队|军方|[陆海空]军(?!官)|代表团|商会|信托|银行|[足篮]协|[地国]税局?|警方|工作室|[乐战]队|"
    rf"乐团|口腔(?![溃科疾黏清癌护粘])|律所|传媒|影业|药业|重工|创投|{_TEAM}"
)
"""What makes an organisation of a place."""
_PLACE = re.compile(
    r"(?:地铁|火车|高铁|汽车|客运|捷[运運])站|(?:(?<=地铁)|(?<=捷运)|(?<=捷運)|(?<=轻轨))站|机场|码头|步行街|体育[场馆]|"
    r"球场|会[议展]中心|购物中心|售楼处|开发区|工业[园区]|商务区|度假村|风?景区|空军基地"
)
_IS_BRANCH = re.compile(rf".*{_BRANCH}")
_SPLIT = frozenset(
    "信托 基金 公司 集团 银行 大学 学院 医院 中学 小学 协会 学会 商会 中心 法院 总部 "
    "支行 分行 证券 保险 传媒 影业 报社 剧院 剧团 乐队 战队 部门 工会 酒店 超市".split()
)
"""Of two characters: a network may stop after the first."""
ASIDE = (
    "的在与和是了到去及从同向将也只再都就被把为对以可而称说记由自给让于但则又还很不没有这那其之所等至经据并或看原当时后前"
    "驻多阴晴飞往赴抵访问见來從與將對為說記給讓沒還這當時後駐飛訪問見"
)
"""Words of one character that stand beside names far more often than in them."""
_NAMING = rf"(?![{ASIDE}])[\u4e00-\u9fff]"
_PART = re.compile(
    rf"(?:{_NAMING}){{1,6}}?(?:公司|委员会|管理处|办事处|部门|实验室|[处科司](?![理于在罚境分置学技目机法令长])|学院|"
    rf"系(?![统列数])|检察院|"
    r"法院|频道|卫视|研究[院所室]|中心|[车战]队|唱片|影业|联社|电影节|[交批][易发]市场|监督站|基地)"
)
"""Of an organisation."""
TRADE = (
    r"(?:计算机|系统|科技|技术|信息|网络|电子|通[信讯]|数[字码据]|智能|软件|硬件|实业|贸易|商贸|进出口|投资|控股|咨询|"
    r"管理|文化|传[媒播]|生物|医[药疗]|制药|能源|电力|电气|建筑|建设|工程|房?地产|置业|物业|物流|运输|食品|餐饮|教育|"
    r"服务|发展|国际|材料|设备|机械|仪器|汽车|化[工学]|环保|广告|影视|娱乐|体育|旅游|农业|金融|保险|证券|基金|租赁|担保|"
    r"集团|股份|人力资源|供应链|互联网|工业|制造|装饰|设计|服饰|化妆品)"
)
_TRADES = re.compile(rf"{TRADE}{{1,8}}(?:有限(?:责任)?)?公司")
"""What is no name by itself: the trade of a firm, whose own name ended before it. A network may cut one within a word of it."""
_SORT = (
    "商业|[中外]资|国有|国营|股份制|城市|地方|民营|私营|私人|跨国|上市|合资|外国|[国境][内外]|本地|小额贷款|拍卖|航空|"
    "铁路|快递|中介|装修|搬家|网游|游戏|零售|连锁|家电|母|子|分"
)
_GENERAL = re.compile(
    rf"(?:(?:某某|[各某该本这那此两几多])[大小家些]?|[大小]|其他)?(?:(?:{_SORT})*(?:银行|商店)|(?:{_SORT}|"
    rf"{TRADE})*(?:公司|企业))|[业资商]银行|(?:官方)?(?:微博|博客|博文|论坛|网站|客服|公众号)"
)
"""Firms, and what they have on the Web, in general: no name."""
_FIRST_HAN = "\u3400"


def whole_names(text: str, tags: Sequence[Tag]) -> list[Tag]:
    """`tags`, in order and free of overlap, with such endings; a firm, its trade, and its branch right behind it are one.

    What is no name but says what sort of firm it is (`商业银行`) is left out.
    """
    whole: list[Tag] = []
    for at, tag in enumerate(tags, 1):
        limit = tags[at].start if at < len(tags) else len(text)
        ended = _with_ending(text, tag, limit) if text[tag.end : tag.end + 1] >= _FIRST_HAN else tag
        if before := _parts_before(text, whole, ended):
            whole[-before:] = [replace(whole[-before], end=ended.end, entity="ORGANIZATION")]
        else:
            whole.append(ended)
    return [tag for tag in whole if tag.entity != "ORGANIZATION" or _GENERAL.fullmatch(text, tag.start, tag.end) is None]


def begins_an_ending(text: str, at: int, entity: str) -> bool:
    """Whether what such a name may end with stands at this place."""
    endings = (_OF_PLACE, _PLACE) if entity == "LOCATION" else (_OF_ORGANISATION,) if entity == "ORGANIZATION" else ()
    return any(ending.match(text, at) is not None for ending in endings)


def _with_ending(text: str, tag: Tag, limit: int) -> Tag:
    if tag.entity == "ORGANIZATION":
        if tag.end < limit and text[tag.end - 1 : tag.end + 1] in _SPLIT and not text.startswith("会员", tag.end):
            tag = replace(tag, end=tag.end + 1)
        ended = _extended(text, tag, _OF_ORGANISATION, tag.entity, limit)
        return _extended(text, tag, _PART, tag.entity, limit) if ended is tag else ended
    if tag.entity != "LOCATION" or tag.end - tag.start < 2:
        return tag
    ended = _extended(text, tag, _OF_PLACE, "ORGANIZATION", limit)
    return _extended(text, tag, _PLACE, tag.entity, limit) if ended is tag else ended


def _extended(text: str, tag: Tag, ending: re.Pattern[str], entity: str, limit: int) -> Tag:
    found = ending.match(text, tag.end, limit)
    return tag if found is None else replace(tag, end=found.end(), entity=entity)


def _parts_before(text: str, names: Sequence[Tag], last: Tag) -> int:
    """How many of these names, the ones right before `last`, are parts of the same organisation's name."""
    if last.entity != "ORGANIZATION" or not names:
        return 0
    if _TRADES.fullmatch(text, names[-1].end, last.end):
        return int(names[-1].entity in ("ORGANIZATION", "LOCATION"))
    if names[-1].end != last.start or not _IS_BRANCH.fullmatch(text, last.start, last.end):
        return 0
    if names[-1].entity == "ORGANIZATION":
        return 1
    is_its_place = names[-1].entity == "LOCATION" and [one.entity for one in names[-2:-1]] == ["ORGANIZATION"]
    return 2 if is_its_place and names[-2].end == names[-1].start else 0
