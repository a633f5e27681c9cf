"""Identifiers of the Chinese mainland, Hong Kong, Macau and Taiwan."""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.checksums import (
    hong_kong_id,
    luhn,
    resident_id,
    resident_id_shape,
    social_credit_code,
    taiwan_id,
)
from gateway.detection.recognizers.china_contact import china_contact_recognizers
from gateway.detection.recognizers.china_tables import table_recognizers
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer
from gateway.detection.recognizers.shapes import DIGIT_FIRST, STRONG, WEAK, digits, number, starts_with, word

_ID_WORDS = ("身份证", "身分證", "证件", "身份號", "居民证", "id card", "id number", "id no", "resident id",
             "national id")  # fmt: skip
_ACCOUNT_WORDS = ("卡号", "卡號", "银行卡", "储蓄卡", "借记卡", "账号", "帐号", "账户", "賬號", "开户", "bank card",
                  "card number", "bank account")  # fmt: skip
_PASSPORT_WORDS = ("护照", "護照", "证件", "passport")
_PERMIT_WORDS = ("通行证", "通行證", "回乡证", "回鄉證", "台胞证", "台胞證", "港澳", "travel permit",
                 "entry permit", "return permit")  # fmt: skip
_HONG_KONG_WORDS = ("hkid", "hong kong id", "香港身份证", "香港身分證", "香港身份證")
"""With these a number with a wrong check digit is still somebody's, mistyped."""
_PLATE = (r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ ·•-]?"
          r"(?:[A-HJ-NP-Z0-9]{6}|[A-HJ-NP-Z0-9]{5}|[A-HJ-NP-Z0-9]{4}[挂学警港澳])(?![A-Za-z0-9])")  # fmt: skip
_PERMIT = "[HMhm][0-9]{8}(?:[0-9]{2})?|[CWcw][A-Za-z0-9][0-9]{7}|[LTlt][0-9]{8}|[0-9]{8}|[0-9]{10}[A-Za-z]"
_USCC = "[1-9ANY][1-9A-G][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"


def china_recognizers() -> tuple[EntityRecognizer, ...]:
    """People's papers, telephones, money, vehicles, companies and messengers; and what columns of tables say."""
    return (*_papers(), *china_contact_recognizers(), *_money_and_companies(), *_neighbours(), *table_recognizers())


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
            words=(*_HONG_KONG_WORDS, "id card", "身份证", "身分證"),
            name="HkIdInContext",
            gate=["[A-Za-z][0-9]{6}"],
            check=hong_kong_id,
        ),
        ContextPatternRecognizer(
            "HK_ID",
            [(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}[0-9]{6}(?:\([0-9A-Za-z]\)|[0-9Aa](?![A-Za-z0-9]))", WEAK)],
            words=_HONG_KONG_WORDS,
            name="HkIdMistyped",
            gate=["[A-Za-z][0-9]{6}"],
        ),
        CheckedPatternRecognizer(
            "TW_ID",
            [(word("[A-Z][1289][0-9]{8}"), STRONG)],
            name="TwId",
            gate=["[A-Z][1289][0-9]{8}"],
            starts=starts_with("A-Z", "[1289][0-9]{8}"),
            check=taiwan_id,
        ),
        ContextPatternRecognizer(
            "TW_ID",
            [(word("[A-Za-z][1289][0-9]{8}"), WEAK)],
            words=("身分證", "身份證", "national id"),
            name="TwIdMistyped",
            gate=["[A-Za-z][1289][0-9]{8}"],
        ),
    )
