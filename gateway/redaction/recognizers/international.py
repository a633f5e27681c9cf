"""Identifiers with an international or a Western form: Presidio's checks, with patterns that hold beside Chinese."""

from __future__ import annotations

import ipaddress

import re2
from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import (
    AbaRoutingRecognizer,
    CreditCardRecognizer,
    CryptoRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    NhsRecognizer,
    UsItinRecognizer,
    UsMbiRecognizer,
    UsNpiRecognizer,
    UsSsnRecognizer,
)

from gateway.redaction.recognizers.devices import device_recognizers
from gateway.redaction.recognizers.iban import Iban
from gateway.redaction.recognizers.national import national_recognizers
from gateway.redaction.recognizers.patterns import (
    CERTAIN,
    DIGIT_FIRST,
    STRONG,
    WEAK,
    CheckedPatternRecognizer,
    ContextPatternRecognizer,
    digit_run,
    number,
    presidio_check,
    starts_with,
    word,
)

_CARD_WORDS = ("card", "credit", "debit", "visa", "mastercard", "amex", "jcb", "卡", "付款")
_SSN_WORDS = ("ssn", "social security", "social", "社会安全号", "社安号", "社会保险号")
_ACCOUNT_WORDS = ("account", "acct", "a/c", "checking", "savings", "账号", "账户", "帐号")
_LICENCE_WORDS = ("driver license", "driver licence", "driver's license", "driver's licence", "drivers license",
                  "driving licence", "driving license", "dl number", "dl no", "dl#", "驾照", "驾驶证")  # fmt: skip
_PASSPORT_WORDS = ("passport", "travel document", "护照")
_RECORD_WORDS = ("mrn", "medical record", "patient id", "patient number", "chart number", "病历号", "住院号", "门诊号")
_IPV4 = r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_H = "[0-9A-Fa-f]{1,4}"
_IPV6 = "|".join(
    [
        rf"(?:{_H}:){{6}}{_IPV4}",
        rf"::(?:ffff:)?{_IPV4}",
        rf"(?:{_H}:){{7}}{_H}",
        *(rf"(?:{_H}:){{1,{n}}}(?::{_H}){{1,{7 - n}}}" for n in range(6, 0, -1)),
        rf"(?:{_H}:){{2,7}}:",
        rf":(?::{_H}){{2,7}}",
    ]
)


def international_recognizers() -> tuple[EntityRecognizer, ...]:
    """Money, network and government identifiers outside China."""
    return (
        *_money(),
        *_network(),
        *_united_states(),
        *_united_kingdom(),
        *_other_documents(),
        *national_recognizers(),
        *device_recognizers(),
    )


def _money() -> tuple[EntityRecognizer, ...]:
    luhn = presidio_check(CreditCardRecognizer())
    grouped = r"(?:4[0-9]{3}|5[0-5][0-9]{2}|2[2-7][0-9]{2}|6(?!2)[0-9]{3}|35[0-9]{2})([- ]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}"
    amex = r"3[47][0-9]{2}([- ]?)[0-9]{6}\2[0-9]{5}"
    diners = r"3(?:0[0-59]|[689][0-9])[0-9]([- ]?)[0-9]{6}\3[0-9]{4}"
    rare = r"(?:5[06-9]|6[0-13-9]|4[0-9]|1800|2131)[0-9]{9,17}"
    account = (number(r"[0-9]{8,17}|[0-9]{3,6}(?:[- ][0-9]{3,6}){1,3}"), WEAK)
    return (
        CheckedPatternRecognizer(
            "CREDIT_CARD",
            [(number(f"{grouped}|{amex}|{diners}"), STRONG)],
            name="CreditCard",
            gate=[digit_run(14)],
            check=luhn,
            starts=starts_with("2-6", "[0-9]{3}[ -]?[0-9]{4}"),
        ),
        ContextPatternRecognizer(
            "CREDIT_CARD",
            [(number(rare), WEAK)],
            words=_CARD_WORDS,
            name="RareCreditCard",
            check=luhn,
            starts=DIGIT_FIRST,
        ),
        Iban(),
        CheckedPatternRecognizer(
            "CRYPTO",
            [(word("(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,59}"), STRONG)],
            name="Bitcoin",
            gate=["[a-zA-Z0-9]{26}"],
            check=presidio_check(CryptoRecognizer()),
        ),
        CheckedPatternRecognizer("CRYPTO", [(word("0x[0-9a-fA-F]{40}"), STRONG)], name="Ethereum", gate=["0x[0-9a-fA-F]{4}"]),
        ContextPatternRecognizer(
            "US_BANK_NUMBER",
            [account],
            words=_ACCOUNT_WORDS,
            name="BankAccount",
            before=30,
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "ABA_ROUTING_NUMBER",
            [(number("[0123678][0-9]{3}-?[0-9]{4}-?[0-9]"), WEAK)],
            words=("aba", "routing", "rtn"),
            name="AbaRouting",
            check=presidio_check(AbaRoutingRecognizer()),
            starts=DIGIT_FIRST,
        ),
    )


def _network() -> tuple[EntityRecognizer, ...]:
    mac = r"[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"
    is_address = presidio_check(IpRecognizer())

    def check(text: str) -> bool | None:
        return is_address(text) is not False and _somebodys_address(text)

    v4 = rf"(?<![A-Za-z0-9.])(?:{_IPV4})(?:/[0-9]{{1,2}})?(?![A-Za-z0-9]|\.[0-9])"
    v6 = rf"(?<![A-Za-z0-9_:.])(?:{_IPV6})(?:%[0-9a-zA-Z]{{1,16}})?(?:/[0-9]{{1,3}})?(?![A-Za-z0-9_:]|\.[0-9])"
    return (
        CheckedPatternRecognizer(
            "IP_ADDRESS",
            [(v4, STRONG)],
            name="IpAddress",
            gate=[r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"],
            check=check,
            starts=re2.compile(r"(?:[0-9]{1,3}\.){3}[0-9]"),
        ),
        CheckedPatternRecognizer(
            "IP_ADDRESS",
            [(v6, STRONG)],
            name="Ipv6Address",
            gate=[":[0-9A-Fa-f]{0,4}:"],
            check=check,
            starts=re2.compile("[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:"),
        ),
        CheckedPatternRecognizer(
            "MAC_ADDRESS",
            [(word(mac), STRONG)],
            name="MacAddress",
            gate=[r"[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\."],
            check=presidio_check(MacAddressRecognizer()),
        ),
    )


def _somebodys_address(text: str) -> bool:
    """Loopback, unspecified and netmask-like addresses name nobody; `dead::beef` without a digit and `0::2` are rather code."""
    if not any(c.isdigit() for c in text):
        return False
    address = ipaddress.ip_interface(text).ip
    if address.version == 6 and max(map(len, text.split("/")[0].split(":"))) < 3:
        return False
    return not (address.is_loopback or address.is_unspecified or text.startswith(("255.", "0.")))


def _united_states() -> tuple[EntityRecognizer, ...]:
    ssn = presidio_check(UsSsnRecognizer())
    itin = r"9[0-9]{2}([- ]?)(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])\1[0-9]{4}"
    letter, either = "[AC-HJKMNP-RT-Y]", "[0-9AC-HJKMNP-RT-Y]"
    mbi = f"[1-9]{letter}{either}[0-9]-?{letter}{either}[0-9]-?{letter}{{2}}[0-9]{{2}}"
    return (
        CheckedPatternRecognizer(
            "US_SSN",
            [(number("[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}"), STRONG)],
            name="UsSsn",
            gate=["[0-9]{3}-[0-9]{2}-[0-9]{4}"],
            check=ssn,
            starts=starts_with("0-8", "[0-9]{2}-"),
        ),
        ContextPatternRecognizer(
            "US_SSN",
            [(number(r"[0-8][0-9]{2}([ .]?)[0-9]{2}\1[0-9]{4}|[0-9]{5}-[0-9]{4}|[0-9]{3}-[0-9]{6}"), WEAK)],
            words=_SSN_WORDS,
            name="UsSsnInContext",
            check=ssn,
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "US_ITIN",
            [(number(itin), WEAK)],
            words=("itin", "taxpayer", "tax id", "tin"),
            name="UsItin",
            check=presidio_check(UsItinRecognizer()),
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "US_MBI",
            [(word(mbi), STRONG)],
            words=("mbi", "medicare", "beneficiary"),
            name="UsMbi",
            gate=[f"[1-9]{letter}{either}[0-9]-?{letter}"],
            check=presidio_check(UsMbiRecognizer()),
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "US_NPI",
            [(number("[12][0-9]{9}"), WEAK)],
            words=("npi", "national provider"),
            name="UsNpi",
            check=presidio_check(UsNpiRecognizer()),
            starts=DIGIT_FIRST,
        ),
    )


def _united_kingdom() -> tuple[EntityRecognizer, ...]:
    nhs = presidio_check(NhsRecognizer())
    nino = "(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"
    return (
        ContextPatternRecognizer(
            "UK_NHS",
            [(number("[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{4}"), WEAK)],
            words=("nhs", "national health service", "health service"),
            name="UkNhs",
            check=nhs,
            starts=DIGIT_FIRST,
        ),
        CheckedPatternRecognizer(
            "UK_NINO", [(word(nino), STRONG)], name="UkNino", gate=["[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"]
        ),
    )


def _other_documents() -> tuple[EntityRecognizer, ...]:
    return (
        ContextPatternRecognizer(
            "PASSPORT_NUMBER",
            [(word("[A-Z]{0,2}[0-9]{7,9}"), WEAK)],
            words=_PASSPORT_WORDS,
            name="Passport",
        ),
        ContextPatternRecognizer(
            "DRIVER_LICENSE",
            [(word("(?=[A-Z0-9]{0,15}[0-9]{3})[A-Z0-9]{5,18}|[A-Z][0-9]{3}(?:-[0-9]{3,4}){2,3}"), WEAK)],
            words=_LICENCE_WORDS,
            name="DriverLicense",
            gate=["[0-9]{3}"],
        ),
        ContextPatternRecognizer(
            "MEDICAL_RECORD_NUMBER",
            [(word("[A-Z]{0,3}-?[0-9]{5,12}"), CERTAIN)],
            words=_RECORD_WORDS,
            name="MedicalRecord",
            before=32,
        ),
    )
