"""Cards, accounts and wallets outside China."""

from __future__ import annotations

from phonenumbers import SUPPORTED_REGIONS
from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import AbaRoutingRecognizer, CryptoRecognizer

from gateway.detection.recognizers.checksums import luhn
from gateway.detection.recognizers.iban import Iban
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer, presidio_check
from gateway.detection.recognizers.shapes import DIGIT_FIRST, STRONG, WEAK, digit_run, digits, number, starts_with, word

_CARD_WORDS = ("card", "credit", "debit", "visa", "mastercard", "amex", "jcb", "卡", "付款")
_ACCOUNT_WORDS = ("account", "acct", "a/c", "checking", "savings", "账号", "账户", "帐号")
_WITH_A_DIGIT = "(?=[A-Z]{6,10}[0-9]|[A-Z]{8}XXX)"
_STATED = (
    r"(?:(?<=[:：=＝#(（\"'码碼是为為])|(?<=[:：=＝*] )|(?<=(?:is|IS) )|(?<=(?:[Cc]ode|CODE) )|(?<=(?:BIC|bic) )|"
    r"(?<=(?:SWIFT|[Ss]wift) ))"
)
"""Of what is letters alone: in capitals many a word looks like a code (`TRANSFER DOCUMENT`)."""
_BEFORE_SIX_DIGITS = (
    r"(?:(?<=[:：=＝#>|(（\"'`码碼是为為])|(?<=[:：*|] )|(?<=\s\s)|(?<=(?ai:code)\s)|(?<=(?ai:codes) )|(?<=(?ai:code), )|"
    r"(?<=(?ai:code) [=–—-] )|(?<=(?ai:is|to) )|(?<=(?ai:are|was|no\.) )|(?<=(?ai:number) ))"
)
"""Of a sort code without hyphens: `my sort code takes 120000 ms for n = 500000` speaks of a program."""


def money_recognizers() -> tuple[EntityRecognizer, ...]:
    """Money, by check digits or behind a word."""
    return (*_cards(), *_accounts(), *_wallets(), *_banks())


def _cards() -> tuple[EntityRecognizer, ...]:
    grouped = r"(?:4[0-9]{3}|5[0-5][0-9]{2}|2[2-7][0-9]{2}|6(?!2)[0-9]{3}|35[0-9]{2})([- ]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}"
    amex = r"3[47][0-9]{2}([- ]?)[0-9]{6}\2[0-9]{5}"
    diners = r"3(?:0[0-59]|[689][0-9])[0-9]([- ]?)[0-9]{6}\3[0-9]{4}"
    rare = r"(?:5[06-9]|6[0-13-9]|4[0-9]|1800|2131)[0-9]{9,17}"
    return (
        CheckedPatternRecognizer(
            "CREDIT_CARD",
            [(number(f"{grouped}|{amex}|{diners}"), STRONG)],
            name="CreditCard",
            gate=[digit_run(14)],
            check=_is_card,
            starts=starts_with("2-6", "[0-9]{3}[ -]?[0-9]{4}"),
        ),
        ContextPatternRecognizer(
            "CREDIT_CARD",
            [(number(rare), WEAK)],
            words=_CARD_WORDS,
            name="RareCreditCard",
            gate=["[0-9]{11}"],
            check=_is_card,
            starts=DIGIT_FIRST,
        ),
    )


def _accounts() -> tuple[EntityRecognizer, ...]:
    return (
        Iban(),
        ContextPatternRecognizer(
            "US_BANK_NUMBER",
            [(number(r"[0-9]{8,17}|[0-9]{3,6}(?:[- ][0-9]{3,6}){1,3}"), WEAK)],
            words=_ACCOUNT_WORDS,
            name="BankAccount",
            before=30,
            starts=DIGIT_FIRST,
        ),
    )


def _wallets() -> tuple[EntityRecognizer, ...]:
    return (
        CheckedPatternRecognizer(
            "CRYPTO",
            [(word("(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,59}"), STRONG)],
            name="Bitcoin",
            gate=["[a-zA-Z0-9]{26}"],
            check=presidio_check(CryptoRecognizer()),
        ),
        CheckedPatternRecognizer("CRYPTO", [(word("0x[0-9a-fA-F]{40}"), STRONG)], name="Ethereum", gate=["0x[0-9a-fA-F]{4}"]),
    )


def _banks() -> tuple[EntityRecognizer, ...]:
    return (
        ContextPatternRecognizer(
            "ABA_ROUTING_NUMBER",
            [(number("[0123678][0-9]{3}-?[0-9]{4}-?[0-9]"), WEAK)],
            words=("aba", "routing", "rtn"),
            name="AbaRouting",
            check=presidio_check(AbaRoutingRecognizer()),
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "UK_SORT_CODE",
            [
                (number("[0-9]{2}-[0-9]{2}-[0-9]{2}"), WEAK),
                (_BEFORE_SIX_DIGITS + number("[0-9]{2}( ?)[0-9]{2}\\1[0-9]{2}"), WEAK),
            ],
            words=("sort code", "sort-code", "sortcode", "sort_code"),
            name="UkSortCode",
            starts=DIGIT_FIRST,
        ),
        ContextPatternRecognizer(
            "SWIFT_CODE",
            [(word(rf"(?:{_WITH_A_DIGIT}|{_STATED})[A-Z]{{6}}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{{3}})?"), WEAK)],
            words=("swift", "bic", "国际代码"),
            name="SwiftCode",
            gate=["[A-Z]{6}[A-Z0-9]{2}"],
            check=_is_in_a_country,
        ),
    )


def _is_in_a_country(code: str) -> bool | None:
    """ISO 9362: the fifth and sixth letter are those of a country."""
    return None if code[4:6] in SUPPORTED_REGIONS else False


def _is_card(text: str) -> bool:
    return luhn(digits(text))
