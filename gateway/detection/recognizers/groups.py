"""Peoples and believers in Chinese: closed lists, so that no tagger has to guess. And what stands in fields for them."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.fields import ENDS, IS, in_element
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG

_PEOPLES = (
    "汉|蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|"
    "仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺"
)
"""The 56 of GB/T 3304."""
_NAMED = rf"(?:{_PEOPLES})族(?!自治|乡|镇|馆|箱)"
_IN_A_FIELD = rf"民 {{0,2}}族 {{0,2}}[:：]? {{0,2}}(?P<start>(?:{_PEOPLES}))(?=[\s,，。；;|\"'<]|\Z)"
_BELIEVERS = "穆斯林|基督徒|佛教徒|天主教徒|犹太教徒|伊斯兰教徒|印度教徒|锡克教徒|摩门教徒|犹太人|吉普赛人|罗姆人"
_FIELDS = (
    r"nationality|citizenship|ethnicity|ethnic[ _-](?:group|origin|background)|religion|religious[ _-](?:affiliation|belief)s?|"
    r"mother[ _-]tongue|native[ _-]language"
)
_SAYS_NOTHING = (
    "(?!(?ai:n/?a|none|null|unknown|not|no|yes|prefer|select|choose|please|enter|required|optional|string|str|text|see|any|other|the|"
    "is|are|and|or)(?![A-Za-z]))"
)
_OF_A_GROUP = (
    rf"(?P<start>){_SAYS_NOTHING}[A-Z][A-Za-z\u00c0-\u024f'’-]{{2,24}}(?:[ /-][A-Z][A-Za-z\u00c0-\u024f'’-]{{2,24}}){{0,2}}"
)


def group_recognizers() -> tuple[EntityRecognizer, ...]:
    """One for all Chinese ones, one for fields in English."""
    forms = [(_NAMED, STRONG), (_IN_A_FIELD, STRONG), (_BELIEVERS, STRONG)]
    fields = [(rf"(?<![A-Za-z])(?ai:{_FIELDS}){IS}{_OF_A_GROUP}{ENDS}", STRONG), (in_element(_FIELDS, _OF_A_GROUP), STRONG)]
    return (
        CheckedPatternRecognizer("NRP", forms, name="ChineseGroup", gate=["族|徒|穆斯林|犹太人|吉普赛人|罗姆人"]),
        CheckedPatternRecognizer(
            "NRP",
            fields,
            name="NamedGroup",
            gate=[f"(?i)(?:{_FIELDS})[\"'* \\t]{{0,10}}[:=|>]"],
            starts=Places(f"(?i)<?(?:{_FIELDS})"),
        ),
    )
