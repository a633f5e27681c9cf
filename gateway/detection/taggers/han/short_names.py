"""Countries and the capital by one character: `中美关系`, `访华`, `驻俄`, `离京`, `日方`; their armies by two, `俄军`.

The same characters are parts of countless words, so a network that sees little of such texts rarely dares to mark them. Here
they count in pairs before what two countries have with each other, behind verbs of diplomacy and travel, and before a state's
organs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_COUNTRY = "中美日俄英法德意韩朝印巴以伊越泰澳加墨阿埃叙"
_BETWEEN = (
    r"两国|三国|关系|双方|首脑|贸易|经贸|建交|会谈|边[境界]|之间|联合[声公]|峰会|谈判|冲突|战争|友好|友谊|和约|高层|合作|领导人"
)
_NO_PAIR = (
    r"(?<![所可足难得予]以)(?<![注同愿满生有无在特]意)(?<!其中)(?<!越加)(?<!加以)"
    r"(?<!中以(?=双方|会谈|贸易|之间|谈判|冲突|战争|友好|友谊|高层|合作))"
)
"""`所以中美关系`, `生意中合作`, `工作中以合作为主`: the end of another word before the countries, or no country at all."""
_NO_COUNTRY = (
    r"(?!日[期志均常程报后前内夜]|意[愿见图思义向外识味]|以[及后来前外便上下内为免期备至此]|英[雄语文才]|德高|法[院律庭官规学人]"
    r"|越[多来]|加[强重快班入大深急倍]|美[女好食术容]|朝阳|阿姨|叙[旧述])"
)
_PAIR = re.compile(rf"(?:[{_COUNTRY}]{_NO_PAIR}){{2,3}}(?=、?[{_COUNTRY}]?(?:{_BETWEEN}))")
_SINGLE = re.compile(
    rf"(?<![采走拜回家随来到专暗上信探]访)(?<![救支增声求后]援)(?<=[访驻赴抵援]){_NO_COUNTRY}[{_COUNTRY[1:]}华](?![国本斯利洲罗拉尔亚克盛为])"
    r"|(?<=[来对])华(?=投资|关系|贸易|政策|访问|出口|工作|援助|军售|旅游|留学|[，。、；])"
    r"|(?<=[赴离抵进返在])京(?=[，。、召举闭开会出签前参今昨])"
    r"|(?<![0-9〇零一二三四五六七八九十\u4e00-\u9fff])[日俄美韩英法德](?=方(?![便式法案向言程阵])|政府|总统|首相|国防|外长)"
)
_ARMY = re.compile(
    r"(?:(?<![完精优健唯赞甜])美|俄|(?<![道品公美])德|(?<!精)英|(?<![执方办无])法|韩|印|伊|叙|"
    r"(?<![0-9〇零一二三四五六七八九十今昨明每近当次往生节假工休周即抗])日)"
    r"[海陆空]?军(?![事人营官训工医需费备职用装团方舰机衔校区权售火情旗政民演嫂粮统校])"
)
"""An army is an organisation: `面对德军`, `俄海军`."""
_GATE = (
    rf"[{_COUNTRY}]、?(?:{_BETWEEN})|[访驻赴抵援][{_COUNTRY[1:]}华]|[来对]华|[赴离抵进返在]京|"
    r"[日俄美韩英法德](?:方|政府|总统|首相|国防|外长)|[日俄美韩英法德印伊叙][海陆空]?军"
)
_MAY_BE = re2.compile(_GATE)
"""What every such name has; RE2 sees in a twentieth of the time that most texts have none, and otherwise where one may be."""
_BEFORE, _BEHIND = 4, 8
"""How far from such a place a pair may begin (`中美俄、日关系`), and how far on what stands behind it is looked at."""
_SCORE = 0.8


def short_names(text: str) -> Iterator[Tag]:
    """A tag for each of these characters."""
    done = 0
    for place in _MAY_BE.finditer(text):
        at = place.start()
        for pair in _PAIR.finditer(text, max(done, at - _BEFORE), place.end() + _BEHIND):
            done = pair.end()
            yield from (Tag(one, one + 1, "LOCATION", _SCORE) for one in range(*pair.span()))
        for first in (at, at + 1):
            if (single := _SINGLE.match(text, first)) is not None:
                yield Tag(*single.span(), "LOCATION", _SCORE)
            if (army := _ARMY.match(text, first)) is not None:
                yield Tag(*army.span(), "ORGANIZATION", _SCORE)


SHORT_NAMES = NameRule((_GATE,), short_names)
