"""Identifiers of the Chinese mainland, Hong Kong, Macau and Taiwan."""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.redaction.recognizers.checksums import (
    hong_kong_id,
    luhn,
    resident_id,
    resident_id_shape,
    social_credit_code,
    taiwan_id,
)
from gateway.redaction.recognizers.patterns import (
    CERTAIN,
    DIGIT_FIRST,
    STRONG,
    WEAK,
    CheckedPatternRecognizer,
    ContextPatternRecognizer,
    digits,
    number,
    starts_with,
    word,
)
from gateway.redaction.recognizers.phones import OTHER_NUMBERS, PHONE_WORDS

_ID_WORDS = ("身份证", "身分證", "证件", "身份號", "居民证", "id card", "id number", "id no", "resident id",
             "national id")  # fmt: skip
_ACCOUNT_WORDS = ("卡号", "卡號", "银行卡", "储蓄卡", "借记卡", "账号", "帐号", "账户", "賬號", "开户", "bank card",
                  "card number", "bank account")  # fmt: skip
_PASSPORT_WORDS = ("护照", "護照", "passport")
_PERMIT_WORDS = ("通行证", "通行證", "回乡证", "回鄉證", "台胞证", "台胞證", "港澳", "permit")
_PLATE = (r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ ·•-]?"
          r"(?:[A-HJ-NP-Z0-9]{6}|[A-HJ-NP-Z0-9]{5}|[A-HJ-NP-Z0-9]{4}[挂学警港澳])(?![A-Za-z0-9])")  # fmt: skip
_PERMIT = "[HMhm][0-9]{8}(?:[0-9]{2})?|[CWcw][A-Za-z0-9][0-9]{7}|[LTlt][0-9]{8}|[0-9]{8}|[0-9]{10}[A-Za-z]"
_USCC = "[1-9ANY][1-9A-G][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
_MOBILE_GATE = "1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}"
_MOBILE_STARTS = re.compile(r"[+018](?<![0-9][\s\S])")
_PHONE_GATE = (r"0[0-9]{2,3}[)）-] ?[2-9][0-9]{6}|[48]00-[0-9]{3}|(?:852|853|886|86)[)）]?[- ]?[0-9]{1,4}[- ]?[0-9]{3,4}|"
               "09[0-9]{2}-[0-9]{3}")  # fmt: skip
_AREA = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
_JOIN = r"[ ]?(?:号码|號碼|账号|帐号|号|號|id|ID|Id)?[ ]?(?:是|为|為|[:：=＝])?[ ]?"


def china_recognizers() -> tuple[EntityRecognizer, ...]:
    """People's papers, telephones, money, vehicles, companies and messengers."""
    return (*_papers(), *_telephones(), *_money_and_companies(), *_messengers(), *_neighbours())


def _papers() -> tuple[EntityRecognizer, ...]:
    return (
        CheckedPatternRecognizer(
            "CN_ID",
            [(word("[1-9][0-9]{16}[0-9Xx]"), STRONG)],
            name="CnId",
            gate=["[A-Z0-9]{17}"],
            check=resident_id,
            starts=starts_with("1-9", "[0-9]{16}"),
        ),
        ContextPatternRecognizer(
            "CN_ID",
            [(word("[1-9][0-9]{5}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9Xx]|[1-9][0-9]{14}"), WEAK)],
            words=_ID_WORDS,
            name="CnIdInContext",
            check=_id_with_a_slip,
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "CN_PASSPORT",
            [(word("[EeGgDdSsPp][0-9]{8}|[Ee][A-HJ-NP-Za-hj-np-z][0-9]{7}|[DSP]E[0-9]{7}|1[45][0-9]{7}"), STRONG)],
            words=_PASSPORT_WORDS,
            name="CnPassport",
        ),
        ContextPatternRecognizer(
            "CN_TRAVEL_PERMIT",
            [(word(_PERMIT), STRONG)],
            words=_PERMIT_WORDS,
            name="CnTravelPermit",
        ),
        CheckedPatternRecognizer(
            "CN_LICENSE_PLATE",
            [(_PLATE, STRONG)],
            name="CnLicensePlate",
            gate=[r"\p{Han}[A-HJ-NP-Z][ ·•-]?[A-HJ-NP-Z0-9]{4}"],
            check=_plate,
        ),
    )


def _id_with_a_slip(text: str) -> bool | None:
    """In context a number with a wrong check digit is still somebody's, mistyped; the date of birth must be real."""
    return None if resident_id_shape(re.sub("[ -]", "", text)) else False


def _plate(text: str) -> bool | None:
    """GA 36: at most two letters in the serial number."""
    return None if len(digits(text)) >= 3 else False


def _telephones() -> tuple[EntityRecognizer, ...]:
    mobile = r"(?:(?:\+|00)?86[- ]?)?1[3-9][0-9]([- ]?)[0-9]{4}\1[0-9]{4}"
    glued = r"(?<=[Tt]el|TEL)|(?<=[Pp]hone)|(?<=[Mm]obile)|(?<=QQ)|(?<=\.cn)|(?<=\.com)"
    mobile_edges = rf"(?:(?<![A-Za-z0-9])(?<![0-9]\.)|{glued}){mobile}(?![0-9a-z])"
    area, extension = rf"(?:\({_AREA}\)[ ]?|（{_AREA}）|{_AREA}-)", r"(?:(?:-|转|轉)[0-9]{1,6})?"
    landline = rf"(?:(?:\+|00)?86[- ]?)?{area}[2-9][0-9]{{6,7}}{extension}"
    service = "[48]00-[0-9]{3}-[0-9]{4}|[48]00-[0-9]{4}-[0-9]{3}|[48]00-[0-9]{7}"
    coded = r"(?:\+|00|[(（]\+?)(?:852|853|886|86)[)）]?[- ]?[0-9]{1,4}[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}"
    bare_code = (r"85[23][- ]?[2-9][0-9]{3}[- ]?[0-9]{4}|886[- ]?9[0-9]{2}[- ]?[0-9]{3}[- ]?[0-9]{3}|"
                 r"886[- ]?[2-8][- ]?[0-9]{3,4}[- ]?[0-9]{4}|86[- ][0-9]{2,4}[- ][0-9]{3,4}[- ]?[0-9]{4}")  # fmt: skip
    around = f"{coded}|{bare_code}"
    bare = (rf"{_AREA}[ ]?[2-9][0-9]{{6,7}}|[48]00[0-9]{{7}}|[2-9][0-9]{{6,7}}(?:-[0-9]{{1,6}})?|09[0-9]{{8}}|"
            r"0[2-8]-[0-9]{7,8}|[0-9]{3,4}-[0-9]{3,5}(?:-?[0-9]{3,5})?")  # fmt: skip
    taiwan = r"09[0-9]{2}-[0-9]{3}-?[0-9]{3}"
    return (
        CheckedPatternRecognizer(
            "PHONE_NUMBER", [(mobile_edges, CERTAIN)], name="CnMobile", gate=[_MOBILE_GATE], starts=_MOBILE_STARTS
        ),
        CheckedPatternRecognizer(
            "PHONE_NUMBER",
            [(number(landline), CERTAIN), (number(service), STRONG), (number(around), WEAK), (number(taiwan), WEAK)],
            name="CnPhone",
            gate=[_PHONE_GATE],
            starts=starts_with("+(（048", "[(（]?[+0-9]"),
        ),
        ContextPatternRecognizer(
            "PHONE_NUMBER",
            [(number(bare), 0.6)],
            words=PHONE_WORDS,
            rivals=OTHER_NUMBERS,
            name="CnPhoneInContext",
            starts=DIGIT_FIRST,
            before=28,
        ),
    )


def _money_and_companies() -> tuple[EntityRecognizer, ...]:
    union_pay = r"62[0-9]{14,17}|62[0-9]{2}([- ])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{1,3})?"
    account = number(r"[0-9]{12,22}|[0-9]{4}([- ])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{1,3})?")
    return (
        CheckedPatternRecognizer(
            "CN_BANK_CARD",
            [(number(union_pay), STRONG)],
            name="CnBankCard",
            gate=["62[0-9]{2}[- ]?[0-9]{4}[- ]?[0-9]{4}"],
            check=lambda text: luhn(digits(text)),
            starts=starts_with("6", "2[0-9]"),
        ),
        ContextPatternRecognizer(
            "CN_BANK_CARD",
            [(account, WEAK)],
            words=_ACCOUNT_WORDS,
            name="CnBankAccount",
            before=24,
            starts=DIGIT_FIRST,
        ),
        CheckedPatternRecognizer(
            "CN_USCC",
            [(word(_USCC), STRONG)],
            name="CnUscc",
            gate=["[A-Z0-9]{17}"],
            check=social_credit_code,
            starts=starts_with("1-9ANY", "[1-9A-G][0-9]{6}"),
        ),
    )


def _messengers() -> tuple[EntityRecognizer, ...]:
    """The match starts after the label: what is replaced is the handle, not the word for the messenger."""
    wechat = "(?ai:微信|薇信|威信|加v|v信|wechat|weixin|(?<![a-z])(?:wx|vx))"
    wechat_id = r"(?:[A-Za-z][A-Za-z0-9_-]{5,19}|[0-9]{6,15})(?![A-Za-z0-9_])"
    qq = r"(?ai:(?<![a-z])qq|扣扣|企鹅|(?<![a-z0-9])q(?=群|[:：]))(?:[\u4e00-\u9fff]{0,4}群|[ ]?number)?"
    return (
        CheckedPatternRecognizer(
            "WECHAT_ID",
            [(rf"{wechat}{_JOIN}(?P<start>){wechat_id}", CERTAIN)],
            name="WechatId",
            gate=["(?i)微信|薇信|威信|加v|v信|wechat|weixin|[wv]x"],
        ),
        CheckedPatternRecognizer(
            "QQ_ID",
            [(rf"{qq}{_JOIN}(?P<start>)[1-9][0-9]{{4,11}}(?![A-Za-z0-9@])", CERTAIN)],
            name="QqId",
            gate=["(?i)q|扣扣|企鹅", "[1-9][0-9]{4}"],
        ),
    )


def _neighbours() -> tuple[EntityRecognizer, ...]:
    return (
        CheckedPatternRecognizer(
            "HK_ID",
            [(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9]{6}\([0-9A]\)", STRONG)],
            name="HkId",
            gate=[r"[A-Z][0-9]{6}\("],
            check=hong_kong_id,
        ),
        ContextPatternRecognizer(
            "HK_ID",
            [(word(r"[A-Za-z]{1,2}[0-9]{6}[0-9Aa]"), STRONG)],
            words=("hkid", "hong kong id", "id card", "香港身份证", "香港身分證", "身份证", "身分證"),
            name="HkIdInContext",
            gate=["[A-Za-z][0-9]{6}"],
            check=hong_kong_id,
        ),
        CheckedPatternRecognizer(
            "TW_ID",
            [(word("[A-Z][1289][0-9]{8}"), STRONG)],
            name="TwId",
            gate=["[A-Z][1289][0-9]{8}"],
            starts=starts_with("A-Z", "[1289][0-9]{8}"),
            check=taiwan_id,
        ),
    )
