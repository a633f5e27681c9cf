"""Valid numbers of many kinds in sentences: what the numeric types of the coverage page are measured on.

Faker makes the numbers where it can; the others are completed by trying check digits. All are reproducible, none is real.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faker import Faker
from presidio_analyzer.predefined_recognizers import InAadhaarRecognizer

from bench.texts import Language
from gateway.detection.evaluation import Gold, label_of
from gateway.detection.recognizers import national_checks as checks
from gateway.detection.recognizers.checksums import hong_kong_id, luhn, social_credit_code
from gateway.detection.recognizers.patterns import Check, presidio_check

FRAMES = {
    "en": ("{label}: {value}", "Hi, my {label} is {value}, please update it.", "The {label} {value} was refused twice."),
    "zh": ("{label}：{value}", "我的{label}是{value}，请更新。", "麻烦查一下{label}{value}，谢谢。"),
}
"""Sentences that say what the number is."""

BARE = {"en": "Please have another look at {value} today.", "zh": "请今天再看一下{value}，谢谢。"}
"""Sentences that do not."""

_VALUES = 20
_SEED = 7


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of number: what people call it in either language, and how to make one."""

    entity: str
    called: dict[Language, str]
    make: Callable[[], str]


def kinds() -> tuple[Kind, ...]:
    """All of them, with makers seeded afresh."""
    return (*_money(), *_contact(), *_papers(), *_devices(), *_national())


def sentences(kind: Kind, language: Language, *, named: bool) -> Iterator[Gold]:
    """Labelled texts; a kind without a name in this language has none."""
    if language not in kind.called:
        return
    for _ in range(_VALUES):
        value = kind.make()
        for frame in FRAMES[language] if named else (BARE[language],):
            before, _, after = frame.replace("{label}", _apart(kind.called[language], frame)).partition("{value}")
            span = (len(before), len(before) + len(value), label_of(kind.entity))
            yield Gold(f"{before}{value}{after}", [span])


def _apart(name: str, frame: str) -> str:
    """With a space before a value that would be glued to the Latin letters of a name."""
    return f"{name} " if "{label}{value}" in frame and name.isascii() else name


def _money() -> Iterator[Kind]:
    en, digits = _faker("en_US"), _digits()
    yield Kind("CREDIT_CARD", {"en": "card number", "zh": "卡号"}, lambda: en.credit_card_number("visa16"))
    yield Kind("CN_BANK_CARD", {"en": "bank card", "zh": "银行卡"}, lambda: _completed(f"622{digits(15)}", luhn))
    yield Kind(
        "IBAN_CODE",
        {"en": "IBAN", "zh": "IBAN"},
        _alternating([_faker(name).iban for name in ("de_DE", "fr_FR", "en_GB", "it_IT")]),
    )
    yield Kind("ABA_ROUTING_NUMBER", {"en": "routing number"}, en.aba)
    yield Kind("UK_SORT_CODE", {"en": "sort code"}, lambda: f"{digits(2)}-{digits(2)}-{digits(2)}")
    yield Kind("US_BANK_NUMBER", {"en": "account number"}, lambda: digits(10))
    yield Kind("SWIFT_CODE", {"en": "SWIFT code"}, lambda: en.swift(length=11))
    yield Kind("CN_USCC", {"en": "credit code", "zh": "统一社会信用代码"}, lambda: _completed(
        f"91310{digits(3)}MA1K{digits(5)}", social_credit_code, "0123456789ABCDEFGHJKLMNPQRTUWXY"))  # fmt: skip


def _contact() -> Iterator[Kind]:
    en, zh, digits = _faker("en_US"), _faker("zh_CN"), _digits()
    locales = ("en_US", "en_GB", "en_CA", "de_DE", "fr_FR", "it_IT")
    yield Kind("PHONE_NUMBER", {"en": "phone number"}, _alternating([_faker(name).phone_number for name in locales]))
    yield Kind("PHONE_NUMBER", {"en": "phone number", "zh": "手机号"}, zh.phone_number)
    yield Kind("EMAIL_ADDRESS", {"en": "e-mail", "zh": "邮箱"}, en.email)
    yield Kind("URL", {"en": "home page", "zh": "网址"}, en.url)
    yield Kind("IP_ADDRESS", {"en": "IP address", "zh": "IP地址"}, _alternating([en.ipv4_public, en.ipv6]))
    yield Kind("MAC_ADDRESS", {"en": "MAC address", "zh": "MAC地址"}, en.mac_address)
    keys = [_prefixed(start, digits) for start in ("ghp_", "sk-ant-", "hf_")]
    yield Kind("SECRET", {"en": "API key", "zh": "密钥"}, _alternating(keys))
    yield Kind("SECURITY_CODE", {"en": "OTP", "zh": "验证码"}, lambda: digits(6))
    yield Kind("USERNAME", {"en": "username", "zh": "用户名"}, lambda: f"{en.user_name()}_{digits(2)}")
    yield Kind("QQ_ID", {"en": "QQ", "zh": "QQ"}, lambda: f"7{digits(8)}")
    yield Kind("WECHAT_ID", {"en": "WeChat", "zh": "微信"}, lambda: f"{en.user_name()}_{digits(2)}")


def _papers() -> Iterator[Kind]:
    en, zh, tw, digits = _faker("en_US"), _faker("zh_CN"), _faker("zh_TW"), _digits()
    yield Kind("US_SSN", {"en": "SSN", "zh": "社会安全号"}, en.ssn)
    yield Kind("US_ITIN", {"en": "ITIN"}, en.itin)
    yield Kind("US_NPI", {"en": "NPI"}, lambda: _completed(f"1{digits(8)}", lambda text: luhn(f"80840{text}")))
    yield Kind("UK_NHS", {"en": "NHS number"}, lambda: _nhs(digits))
    yield Kind("UK_NINO", {"en": "national insurance number"}, lambda: f"AB{digits(6)}C")
    yield Kind("CN_ID", {"en": "ID number", "zh": "身份证号"}, zh.ssn)
    yield Kind("CN_PASSPORT", {"zh": "护照"}, lambda: f"E{digits(8)}")
    yield Kind("CN_TRAVEL_PERMIT", {"zh": "港澳通行证"}, lambda: f"C{digits(8)}")
    yield Kind("CN_LICENSE_PLATE", {"zh": "车牌"}, zh.license_plate)
    yield Kind(
        "HK_ID", {"en": "HKID", "zh": "香港身份证"}, lambda: f"{_completed(f'G{digits(6)}(', lambda t: hong_kong_id(f'{t})'))})"
    )
    yield Kind("TW_ID", {"en": "ID number", "zh": "身分證字號"}, tw.ssn)
    yield Kind("PASSPORT_NUMBER", {"en": "passport number"}, en.passport_number)
    yield Kind("DRIVER_LICENSE", {"en": "driver's license", "zh": "驾照"}, lambda: f"D{digits(7)}")
    yield Kind("MEDICAL_RECORD_NUMBER", {"en": "MRN", "zh": "病历号"}, lambda: digits(8))
    yield Kind("HEALTH_PLAN_NUMBER", {"en": "member ID", "zh": "医保号"}, lambda: f"XJ{digits(8)}")
    yield Kind("PERSON_ID", {"en": "employee ID", "zh": "工号"}, lambda: f"E{digits(6)}")
    yield Kind("CERTIFICATE_NUMBER", {"en": "certificate number", "zh": "证书编号"}, lambda: f"RN{digits(6)}")


def _devices() -> Iterator[Kind]:
    en, gb, digits = _faker("en_US"), _faker("en_GB"), _digits()
    yield Kind("VIN", {"en": "VIN", "zh": "车架号"}, en.vin)
    yield Kind("VEHICLE_REGISTRATION", {"en": "license plate"}, gb.license_plate)
    yield Kind("IMEI", {"en": "IMEI", "zh": "IMEI"}, lambda: _completed(f"35{digits(12)}", luhn))
    yield Kind("DEVICE_ID", {"en": "serial number", "zh": "序列号"}, lambda: f"C02{digits(8)}")
    yield Kind("DATE_TIME", {"en": "date of birth", "zh": "出生日期"}, lambda: en.date("%Y-%m-%d"))
    yield Kind("DATE_TIME", {"en": "date of birth"}, lambda: en.date("%B %d, %Y"))
    yield Kind("DATE_TIME", {"zh": "出生日期"}, lambda: en.date("%Y年%m月%d日"))


def _national() -> Iterator[Kind]:
    """Numbers of other countries, by the word that people there use."""
    digits, aadhaar = _digits(), presidio_check(InAadhaarRecognizer())
    yield Kind("IT_FISCAL_CODE", {"en": "codice fiscale"}, _faker("it_IT").ssn)
    yield Kind("ES_NIF", {"en": "NIF"}, _faker("es_ES").nif)
    yield Kind("ES_NIE", {"en": "NIE"}, _faker("es_ES").nie)
    yield Kind("PL_PESEL", {"en": "PESEL"}, _faker("pl_PL").pesel)
    yield Kind("BR_CPF", {"en": "CPF"}, _faker("pt_BR").cpf)
    yield Kind("SE_PERSONNUMMER", {"en": "personnummer"}, _faker("sv_SE").ssn)
    yield Kind("FI_PERSONAL_IDENTITY_CODE", {"en": "henkilötunnus"}, _faker("fi_FI").ssn)
    yield Kind("NL_BSN", {"en": "BSN"}, _faker("nl_NL").ssn)
    yield Kind("FR_NIR", {"en": "numéro de sécurité sociale"}, _faker("fr_FR").ssn)
    yield Kind("DE_SOCIAL_SECURITY", {"en": "Rentenversicherungsnummer"}, _faker("de_DE").rvnr)
    yield Kind("IN_AADHAAR", {"en": "Aadhaar"}, lambda: _completed(f"2{digits(10)}", aadhaar))
    yield Kind("TR_NATIONAL_ID", {"en": "TC kimlik"}, _faker("tr_TR").ssn)
    yield Kind("TH_TNIN", {"en": "Thai ID"}, _faker("th_TH").ssn)
    yield Kind("NO_FNR", {"en": "fødselsnummer"}, _faker("no_NO").ssn)
    yield Kind("RO_CNP", {"en": "CNP"}, _faker("ro_RO").ssn)
    yield Kind("BG_EGN", {"en": "EGN"}, lambda: _completed(f"{digits(9)}", checks.bg_egn))
    yield Kind("CL_RUT", {"en": "RUT"}, _faker("es_CL").rut)
    yield Kind("MX_CURP", {"en": "CURP"}, _faker("es_MX").curp)
    yield Kind("CH_AHV", {"en": "AHV number"}, _faker("de_CH").ssn)
    yield Kind("IL_ID", {"en": "teudat zehut"}, lambda: _completed(digits(8), luhn))
    yield Kind("RU_INN", {"en": "INN"}, _faker("ru_RU").individuals_inn)
    yield Kind("NATIONAL_ID", {"en": "national ID", "zh": "证件号"}, lambda: f"{digits(4)}-{digits(5)}")


def _faker(locale: str) -> Faker:
    made = Faker(locale)
    made.seed_instance(_SEED)
    return made


def _digits() -> Callable[[int], str]:
    chance = random.Random(_SEED)
    return lambda count: "".join(str(chance.randrange(10)) for _ in range(count))


def _prefixed(start: str, digits: Callable[[int], str]) -> Callable[[], str]:
    return lambda: start + digits(36)


def _alternating(makers: list[Callable[[], str]]) -> Callable[[], str]:
    """A maker that asks one after the other."""
    turns = iter(range(1_000_000))
    return lambda: makers[next(turns) % len(makers)]()


def _completed(start: str, is_valid: Check, alphabet: str = "0123456789A") -> str:
    """With the last character that makes it valid."""
    return next(start + last for last in alphabet if is_valid(start + last))


def _nhs(digits: Callable[[int], str]) -> str:
    """Nine digits of which the weights 10 to 2 leave a check digit below ten."""
    while True:
        first = digits(9)
        check = -sum(int(d) * weight for d, weight in zip(first, range(10, 1, -1), strict=True)) % 11
        if check < 10:
            return f"{first[:3]} {first[3:6]} {first[6:]}{check}"
