"""How to reach somebody in China, Hong Kong, Macau and Taiwan: telephones and messengers."""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer
from gateway.detection.recognizers.phones import OTHER_NUMBERS, PHONE_WORDS
from gateway.detection.recognizers.shapes import CERTAIN, DIGIT_FIRST, LOOSE, STRONG, WEAK, number, starts_with

_MOBILE_GATE = "1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}"
_MOBILE_STARTS = re.compile(r"[+018](?<![0-9][\s\S])")
_PHONE_GATE = (r"0[0-9]{2,3}[)）-] ?[2-9][0-9]{6}|[48]00-[0-9]{3}|(?:852|853|886|86)[)）]?[- ]?[0-9]{1,4}[- ]?[0-9]{3,4}|"
               "09[0-9]{2}-[0-9]{3}")  # fmt: skip
_AREA = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
_NUMBER_OF = r"[ ]?我?(?:号码|號碼|账号|帐号|号|號|id|ID|Id)?[ ]?"
_JOIN = rf"{_NUMBER_OF}(?:是|为|為|[:：=＝])?[ ]?"
_STATED = rf"{_NUMBER_OF}(?:是|为|為|[:：=＝])[ ]?"
_JOIN_ENGLISH = (r"(?ai:[ _](?:id|number|no\.?|account|handle|name))?"
                 r"(?:(?ai:[ ](?:is|was))(?=[ ])|[ ]?[:：=＝]|[ ]?(?=\())?[ ]?\(?")  # fmt: skip


def china_contact_recognizers() -> tuple[EntityRecognizer, ...]:
    """By form, and by the words around."""
    return (*_telephones(), *_messengers())


def _telephones() -> tuple[EntityRecognizer, ...]:
    mobile = r"(?:(?:\+|00)?86[- ]?)?1[3-9][0-9]([- ]?)[0-9]{4}\1[0-9]{4}"
    glued = r"(?<=[Tt]el|TEL)|(?<=[Pp]hone)|(?<=[Mm]obile)|(?<=QQ)|(?<=\.cn)|(?<=\.com)"
    mobile_edges = rf"(?:(?<![A-Za-z0-9])(?<![0-9]\.)|{glued}){mobile}(?![0-9a-z])"
    first, second = rf"(?<![A-Za-z0-9])(?:1[3-9][0-9]{{9}}|{_AREA}-?[2-9][0-9]{{6,7}})", "1[3-9][0-9]{9}(?![0-9a-z])"
    area, extension = rf"(?:\({_AREA}\)[ ]?|（{_AREA}）|{_AREA}-)", r"(?:(?:-|转|轉)[0-9]{1,6})?"
    landline = rf"(?:(?:\+|00)?86[- ]?)?{area}[2-9][0-9]{{6,7}}{extension}"
    service = "[48]00-[0-9]{3}-[0-9]{4}|[48]00-[0-9]{4}-[0-9]{3}|[48]00-[0-9]{7}"
    coded = r"(?:\+|00|[(（]\+?)(?:852|853|886|86)[)）]?[- ]?[0-9]{1,4}[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}"
    coded_edges = rf"(?<![A-Za-z0-9])(?<![0-9][-.]){coded}(?![0-9a-z])(?![-.][0-9])"
    bare_code = (r"85[23][- ]?[2-9][0-9]{3}[- ]?[0-9]{4}|886[- ]?9[0-9]{2}[- ]?[0-9]{3}[- ]?[0-9]{3}|"
                 r"886[- ]?[2-8][- ]?[0-9]{3,4}[- ]?[0-9]{4}|86[- ][0-9]{2,4}[- ][0-9]{3,4}[- ]?[0-9]{4}")  # fmt: skip
    bare = (rf"{_AREA}[ ]?[2-9][0-9]{{6,7}}|[48]00[0-9]{{7}}|[2-9][0-9]{{6,7}}(?:-[0-9]{{1,6}})?|09[0-9]{{8}}|"
            r"0[2-8]-[0-9]{7,8}|[0-9]{3,4}-[0-9]{3,5}(?:-?[0-9]{3,5})?")  # fmt: skip
    taiwan = r"09[0-9]{2}-[0-9]{3}-?[0-9]{3}"
    return (
        CheckedPatternRecognizer(
            "PHONE_NUMBER",
            [(mobile_edges, CERTAIN), (f"{first}(?P<end>){second}", STRONG), (f"{first}(?P<start>){second}", STRONG)],
            name="CnMobile",
            gate=[_MOBILE_GATE],
            starts=_MOBILE_STARTS,
        ),
        CheckedPatternRecognizer(
            "PHONE_NUMBER",
            [
                (number(landline), CERTAIN),
                (number(service), STRONG),
                (coded_edges, WEAK),
                (number(bare_code), WEAK),
                (number(taiwan), WEAK),
            ],
            name="CnPhone",
            gate=[_PHONE_GATE],
            starts=starts_with("+(（048", "[(（]?[+0-9]"),
        ),
        ContextPatternRecognizer(
            "PHONE_NUMBER",
            [(number(bare), LOOSE)],
            words=PHONE_WORDS,
            rivals=OTHER_NUMBERS,
            name="CnPhoneInContext",
            starts=DIGIT_FIRST,
            before=28,
        ),
    )


def _messengers() -> tuple[EntityRecognizer, ...]:
    """The match starts after the label: what is replaced is the handle, not the word for the messenger.

    In English prose much follows "WeChat": a handle has a digit or an underscore there, or a colon before it.
    """
    other = "[新旧换]微?号(?=[是为:： ]{0,2}[a-z][a-z_-]{0,18}[0-9_])"
    wechat = f"(?ai:微信|薇信|威信|加[我你个下]?v|v信|{other}|(?<![a-z])(?:wx|vx))"
    english = "(?ai:wechat|weixin)"
    handle = "[A-Za-z][A-Za-z0-9_-]{5,19}|[0-9]{6,15}"
    wechat_id = rf"(?:{handle})(?![A-Za-z0-9_])"
    marked_id = rf"(?=[A-Za-z]{{0,19}}[0-9_])(?:{handle})(?![A-Za-z0-9_])"
    glued = "(?<=[a-z])QQ(?=[ ]?[:：])"
    qq = rf"(?:(?ai:(?<![a-z])qq|扣扣|企鹅|(?<![a-z0-9])q(?=群|[:：]))|{glued})(?:[\u4e00-\u9fff]{{0,4}}群|[ ]?number)?"
    qq_id = "[1-9][0-9]{4,11}(?![A-Za-z0-9@])"
    return (
        CheckedPatternRecognizer(
            "WECHAT_ID",
            [
                (rf"{wechat}{_JOIN}(?P<start>){wechat_id}", CERTAIN),
                (rf"微信公众(?:平台)?{_STATED}(?P<start>){wechat_id}", CERTAIN),
                (rf"{english}{_STATED}(?P<start>){wechat_id}", CERTAIN),
                (rf"{english}{_JOIN_ENGLISH}(?P<start>){marked_id}", CERTAIN),
            ],
            name="WechatId",
            gate=["(?i)微信|薇信|威信|加[我你个下]?v|v信|[新旧换]微?号|wechat|weixin|[wv]x"],
        ),
        CheckedPatternRecognizer(
            "QQ_ID",
            [
                (rf"{qq}{_JOIN}(?P<start>){qq_id}", CERTAIN),
                (rf"(?<![A-Za-z])(?ai:qq){_JOIN_ENGLISH}(?P<start>){qq_id}", CERTAIN),
            ],
            name="QqId",
            gate=["(?i)qq|q[群:：]|扣扣|企鹅", "[1-9][0-9]{4}"],
        ),
    )
