"""Chinese names in Latin letters: `Sun Guiying`, `Xiaoming Li`, `Chen Jia-hao`, `Leung Ka-fai`, `wang fang` behind a greeting.

A family name and a given name of one or two syllables, as Hanyu Pinyin spells them, in either order. Many syllables are
English words as well (`He`, `Sun`, `Can`, `Long`), so one of the two must be no English word. Places and firms that some
write in two words (`Xi An`, `Hua Wei`) are left to the network, and so is what stands before a word like `Road` or in a longer
row of syllables. As Wade-Giles and Hong Kong spell them: family names that pinyin has not, with a given name that has a hyphen
or is two words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detection.taggers.latin.introduced import ClassOf
from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag, is_uncommon

_GIVEN_NAME, _PLACE, _ORDINARY = 1, 4, 8
_TELLING = (
    "Bai|Cai|Cao|Cen|Chen|Cheng|Cui|Dai|Deng|Duan|Feng|Gao|Geng|Gou|Guo|Hou|Hu|Huang|Huo|Ji|Jia|Jiang|Jiao|Kuang|Lai|Leng|Li|Liang|"
    "Liao|Liu|Luan|Luo|Lyu|Lü|Meng|Miao|Nie|Niu|Ouyang|Pei|Peng|Qi|Qian|Qiao|Qin|Qiu|Qu|Quan|Rao|Ruan|Shao|Shen|Sheng|Shuai|Situ|"
    "Sima|Shangguan|Huangfu|Murong|Xiahou|Gongsun|Linghu|Zhuge|Dongfang|Duanmu|Nangong|Weng|Wang|Wei|Wu|Xia|Xiang|Xiao|Xie|Xin|Xing|"
    "Xiong|Xu|Xuan|Xue|Xun|Yan|Yao|Yuan|Yue|Yun|Zeng|Zhai|Zhan|Zhang|Zhao|Zhen|Zheng|Zhong|Zhou|Zhu|Zhuang|Zhuo|Zong|Zou|Zuo|Tian|Teng"
)
_OTHER = (
    "Ai|An|Ban|Bao|Bei|Bi|Bian|Bin|Bo|Bu|Chai|Chang|Che|Chi|Chu|Cong|Di|Ding|Dong|Dou|Du|Fan|Fang|Fei|Fu|Gan|Ge|Gong|Gu|Guan|Gui|"
    "Hai|Han|Hang|Hao|He|Hong|Hua|Jian|Jin|Jing|Ju|Kang|Ke|Kong|Lan|Lang|Lao|Lei|Lian|Lin|Ling|Long|Lou|Lu|Ma|Mai|Man|Mao|Mei|"
    "Mi|Min|Ming|Mo|Mu|Na|Nan|Ni|Ning|Ou|Pan|Pang|Ping|Pu|Qiang|Qing|Ran|Ren|Rong|Rui|Sang|Sha|Shan|Shang|She|Shi|Shu|"
    "Song|Su|Sui|Sun|Tan|Tang|Tao|Tong|Tu|Wan|Wen|Xi|Xian|Yang|Ye|Yi|Yin|Ying|Yong|You|Yu|Zang|Zha|Zhi|Zu"
)
"""English words, and what is as often another name, or a place."""
_AFAR = (
    "Au|Chan|Chau|Cheung|Chiu|Chow|Chui|Fok|Fung|Hsiao|Hsieh|Hsu|Hsueh|Hui|Ip|Kuo|Kwan|Kwok|Kwong|Lau|Lee|Leung|Lui|Luk|Mak|Mok|Ng|"
    "Poon|Pun|Shum|Siu|Suen|Szeto|Tam|Tsai|Tsang|Tse|Tseng|Tsoi|Tsui|Wong|Yau|Yeung|Yip|Yuen|Yung"
)
"""Family names as Wade-Giles and Hong Kong spell them, where pinyin has no such syllable."""
_SYLLABLE = (
    "(?:[bpm](?:ai?|ang?|ao|ei|eng?|ian|iao|ie|ing?|i|ou?|u)|f(?:ang?|a|ei|eng?|ou?|u)|[mn]e|[dtnl](?:ai?|ang?|ao|ei?|eng?|"
    "iang?|iao?|ie|ing?|iu?|ong|ou|uan|ue|ui|uo|un?)|[nl]ü|[nl]v|(?:[gkhrzcs]|[zcs]h)(?:ai?|ang?|ao|ei?|eng?|ong|ou|uai|uang?|ua|"
    "ui|uo|un?)|(?:[rzcs]|[zcs]h)i|[jqx](?:iang?|iao?|ie|ing?|iong|iu?|uan|ue|un?)|y(?:ang?|ao?|e|ing?|i|ong|ou?|uan|ue|un?)|"
    "w(?:ai?|ang?|ei|eng?|o|u)|ang?|ai|ao|er|en|e|ou)"
)
_LOOSE = "(?:ts|tz|hs|sz|ss|ch|sh|zh|kw|ng|[bcdfghjklmnpqrstwxyz])?(?:[aeiouü]{1,3}|ng)(?:ng|[nmkpthr])?"
"""As Chinese is spelled anywhere."""
_LETTERS = r"A-Za-z\u00c0-\u024f"
_NOT_BEHIND = rf"(?<![{_LETTERS}0-9_@./-])(?<![{_LETTERS}0-9]['’&])"
_ENDS = rf"(?![{_LETTERS}0-9_@/-]|['’](?!s\b)|\.[{_LETTERS}0-9])"
_WORD = rf"[A-ZÜ](?:[a-zü]{{1,13}}|[A-ZÜ]{{1,13}})(?:(?<=[a-z])-[A-Za-z][a-z]{{1,6}}|(?<=[a-z])['’](?!s\b)[a-z]{{1,6}})?{_ENDS}"
_RUN = re.compile(rf"{_NOT_BEHIND}{_WORD}(?:,? {_WORD})+")
_PART = re.compile("[^ ,]+")
_GREETED = re.compile(
    rf"(?i:(?<![\w-])(?:hi|hey|hello|dear|thanks|thank you|thx|sorry|morning),? )(?P<family>{_TELLING.lower()}) "
    rf"(?P<given>[a-zü]{{2,12}})(?=[ \t]*(?:[,.!?;:)\r\n–—]|-(?!\w)|\Z))"
)
_IS_TELLING, _IS_FAMILY = re.compile(f"(?i:{_TELLING})"), re.compile(f"(?i:{_TELLING}|{_OTHER})")
_IS_AFAR = re.compile(f"(?i:{_AFAR})")
_ONE, _TWO = re.compile(f"(?i:{_SYLLABLE})"), re.compile(f"(?i:{_SYLLABLE}(?:['’]|(?![aoe])){_SYLLABLE})")
_HYPHENATED, _IS_LOOSE = re.compile(f"(?i:{_LOOSE}-{_LOOSE})"), re.compile(f"(?i:{_LOOSE})")
_NO_END = re.compile("(?i:.*-(?:in|on|up|op|at|to|or|of|by|he|me|go|do|no|so|us|run|out|off|gun))")
"""English words behind hyphens: `Su Log-in`."""
_SMALL_WORDS = frozenset("an can he me ran run sang she you".split())
_PHRASES = frozenset(
    """
    an_hui bai_du bei_da bei_jing chai_wan chang_jiang cheng_du chong_qing da_lian fei_yang feng_shui fu_jian fu_zhou
    gan_bei gan_su gong_bao guan_yin guang_dong guang_xi guang_zhou gui_zhou hai_kou hai_nan hang_seng hang_zhou he_bei
    he_fei he_nan hong_kong hu_bei hu_nan hua_shan hua_wei huang_he huang_shan ji_lin ji_nan jiang_su jiang_xi jin_mao
    jing_dong ju_zi kun_ming lai_chi lan_zhou lao_shi lao_zi li_po liao_ning long_jing long_ping ma_jiang ma_po mao_tai
    ming_yuan nan_chang nan_jing ni_hao ning_bo ning_xia ping_an pu_dong pu_er qi_gong qing_dao qing_hai qing_hua
    ren_min shan_dong shan_xi shang_hai shen_yang shen_zhen shi_tzu si_chuan su_zhou tai_chi tao_bao tian_jin wan_chai
    wei_bo wei_qi wei_xin wen_zhou wu_han wu_shu wu_xi xi_an xi_he xia_men xian_sheng xiao_jie xiao_mi xie_xie xin_hua
    xin_jiang xu_zhou yang_zhou yau_ma yin_yang yun_nan zai_jian zhe_jiang zheng_zhou zhong_guo zhu_hai
    """.split()
)
"""Places, firms, dishes and greetings that some write in two words."""
_FIRMS = frozenset("huawei weibo taobao xiaomi baidu weixin meituan douyin kuaishou hanyu pinyin renminbi".split())
_IS_OF = re.compile(
    " (?:Dynasty|Roads?|Rd|Streets?|St|Avenue|Ave|Lane|Park|Towers?|Temple|Rivers?|Lake|Mountains?|Islands?|Valley|"
    "University|College|School|Hospital|Hotel|Group|Inc|Ltd|Limited|LLC|Co|Corp|Bank|Insurance|Technolog(?:y|ies)|Holdings|Clan|Station|"
    "Bridge|Square|County|Province|City|District|Village|Town|Township|Prefecture|Airport|Railway|Port|Satellite|Tea|Restaurant|"
    r"Museum|Foundation|Securities|Motors?|Airlines|Electronics|Computers?|Pharma\w*|Center|Centre|Plaza|Gate|Garden|Palace)\b"
)
_SCORE = 1.0
"""Surer than the network, which takes every tenth for a firm or a place."""
_LONG = 6
"""Letters of a name of which all are capitals: `LI AN` is too much else."""
_FAMILIES = f"{_TELLING}|{_OTHER}|{_AFAR}"
_MAY_BE = (
    rf"\b(?:{_FAMILIES}|{_FAMILIES.upper()}),? [A-ZÜ]|[A-Z][A-Za-zü'’-]* (?:{_FAMILIES}|{_FAMILIES.upper()})(?:[^A-Za-zü]|$)|"
    rf"(?i:hi|hey|hello|dear|thanks|you|thx|sorry|morning),? (?:{_TELLING.lower()}) [a-zü]"
)


def pinyin_names(class_of: ClassOf) -> NameRule:
    """The rule. `class_of` is what lists say of a word in small letters, see `introduced`."""
    return NameRule((_MAY_BE,), _Names(class_of).find)


class _Names:
    """What finds them; `class_of` as above."""

    def __init__(self, class_of: ClassOf) -> None:
        self._class_of = class_of

    def find(self, text: str) -> Iterator[Tag]:
        """A tag for each such name."""
        for run in _RUN.finditer(text):
            yield from self._in_run(text, [part.span() for part in _PART.finditer(text, *run.span())])
        for found in _GREETED.finditer(text):
            family, given = found["family"], found["given"]
            if self._is_family_first(family, given):
                yield Tag(found.start("family"), found.end("given"), "PERSON", _SCORE)

    def _in_run(self, text: str, words: list[tuple[int, int]]) -> Iterator[Tag]:
        """In a row of words with capitals: names of three words or two, from the left."""
        at, end = 0, 0
        while at < len(words) - 1:
            goes_on = at > end and self._goes_on(text, *words[at - 1], words[at][0])
            size = 0 if goes_on else self._size(text, words[at : at + 4])
            if size and _IS_OF.match(text, words[at + size - 1][1]) is None:
                yield Tag(words[at][0], words[at + size - 1][1], "PERSON", _SCORE)
            at += size or 1
            end = at if size else end

    def _goes_on(self, text: str, start: int, end: int, following: int) -> bool:
        """Whether the word before is a syllable of the same row, and none that is a word."""
        word = text[start:end]
        return following == end + 1 and _ONE.fullmatch(word) is not None and not self._is_word(word)

    def _size(self, text: str, words: list[tuple[int, int]]) -> int:
        """Of how many words the name is that begins a row, of which two to four words are given; 0 where there is none."""
        first, second, *others = (text[start:end] for start, end in words)
        if words[1][0] - words[0][1] > 1:
            return 2 if self._is_inverted(first, second) else 0
        third = others[0] if others and words[2][0] - words[1][1] == 1 else ""
        begins_another = bool(_IS_TELLING.fullmatch(third)) and len(others) > 1
        if third and not begins_another and self._is_in_three(first, second, third):
            return 3
        if not self._is_pair(first, second):
            return 0
        goes_on = third and not begins_another and _ONE.fullmatch(third) and _ONE.fullmatch(second) and not self._is_word(third)
        return 0 if goes_on else 2

    def _is_in_three(self, first: str, second: str, third: str) -> bool:
        """`Li Xiao Ming`, `Chan Siu Fong`."""
        if first.isupper() or second.isupper() or _is_phrase(first, second) or _is_phrase(second, third):
            return False
        words = self._is_word(second) + self._is_word(third)
        if _IS_AFAR.fullmatch(first) is not None:
            return words < 2 and all(map(_IS_LOOSE.fullmatch, (second, third)))
        return not words and all(form.fullmatch(one) for form, one in ((_IS_TELLING, first), (_ONE, second), (_ONE, third)))

    def _is_inverted(self, first: str, second: str) -> bool:
        """`Li, Xiaoming`."""
        family = _IS_FAMILY.fullmatch(first) or _IS_AFAR.fullmatch(first)
        return family is not None and (_is_hyphenated(second) or self._is_given(second))

    def _is_pair(self, first: str, second: str) -> bool:
        if _is_phrase(first, second):
            return False
        if first.isupper() and second.isupper():
            is_long = len(first) + len(second) >= _LONG
            return is_long and _IS_TELLING.fullmatch(first) is not None and self._is_family_first(first, second)
        if first.isupper() and _IS_TELLING.fullmatch(first) is None:
            return _IS_FAMILY.fullmatch(first) is not None and self._is_given(second)
        if second.isupper() and _IS_TELLING.fullmatch(second) is None:
            return False
        return self._is_family_first(first, second) or self._is_given_first(first, second)

    def _is_family_first(self, family: str, given: str) -> bool:
        if _IS_TELLING.fullmatch(family) is not None:
            return self._is_syllable(given) or _is_hyphenated(given) or self._is_given(given, or_place=True)
        if _IS_AFAR.fullmatch(family) is not None:
            return _is_hyphenated(given) or self._is_given(given)
        if _IS_FAMILY.fullmatch(family) is None:
            return False
        return self._is_name(given) or _is_hyphenated(given) or self._is_given(given)

    def _is_given_first(self, given: str, family: str) -> bool:
        if _IS_TELLING.fullmatch(family) is not None:
            return self._is_name(given) or _is_hyphenated(given) or self._is_given(given)
        if _IS_AFAR.fullmatch(family) is not None:
            return _is_hyphenated(given)
        return _IS_FAMILY.fullmatch(family) is not None and (_is_hyphenated(given) or self._is_given(given))

    def _is_syllable(self, word: str) -> bool:
        """Whether it may be a given name beside a family name that is no English word."""
        return word.lower() not in _SMALL_WORDS and _ONE.fullmatch(word) is not None

    def _is_name(self, word: str) -> bool:
        """Whether it may be one beside any family name."""
        if not self._is_syllable(word) or not is_uncommon(word.lower()):
            return False
        listed = self._class_of(word.lower())
        return not listed & _ORDINARY and bool(listed & _GIVEN_NAME or not listed & _PLACE)

    def _is_given(self, word: str, *, or_place: bool = False) -> bool:
        """Whether it is a given name of two syllables in one word."""
        lower = word.lower()
        if _TWO.fullmatch(word) is None or lower in _FIRMS or not is_uncommon(lower):
            return False
        others = _ORDINARY if or_place else _ORDINARY | _PLACE
        listed = self._class_of(lower)
        return bool(listed & _GIVEN_NAME or not listed & others)

    def _is_word(self, word: str) -> bool:
        return bool(self._class_of(word.lower()) & _ORDINARY)


def _is_phrase(first: str, second: str) -> bool:
    """Two words that are something else, or the same one twice (`Pu Pu`)."""
    first, second = first.lower(), second.lower()
    return first == second or f"{first}_{second}" in _PHRASES


def _is_hyphenated(word: str) -> bool:
    return _HYPHENATED.fullmatch(word) is not None and _NO_END.fullmatch(word) is None
