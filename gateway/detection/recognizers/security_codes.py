"""Short numbers that open a door: PINs, check values of cards, codes for one use; each with a word that says so.

They are a type of their own beside SECRET: a password in a prompt is a mistake, and policies refuse it, but a code for one use
stands in many a message that somebody asks about, and three digits behind a word are weak grounds to refuse a request.
"""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG

_LEFT, _RIGHT = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])(?![-.,:/][0-9])"
_BEFORE, _BEHIND = r"[\"'`*)】]{0,3}[ \t]{0,2}", r"[\"'`*(（]{0,2}[ ]?"
_COLON = r"[:：=＝]\*{0,2}[ \t]{0,2}"
_IS = rf"(?:(?:(?ai:is|was)[ ]?)?{_COLON}|(?ai:is|was)[ \t]|[是为為][ \t]?)"
_TO = r"(?ai:to)[ ]"
_CARD = "(?:cvv2?|cvc2?|cvn2?)(?: (?:code|number|no\\.?))?|card (?:verification|security) (?:code|value|number)"
_CARD_STATED = "csc|security code"
_ONCE = "otp|one[- ]time (?:code|password|passcode|pin)|verification code|2fa code|sms code"
_CARD_HAN, _ONCE_HAN = "安全码|卡验证码", "验证码|驗證碼|动态码|动态口令|短信码|校验码"
_OWNER = "my|your|his|her|their|our|the|new|old|current|card|bank|atm|debit|sim|phone|door|alarm|account"
_PIN = "pin(?:[ -]?(?:code|number|no\\.?))?"
_SIX = "(?:[0-9]{6}|[0-9]{3}[ -][0-9]{3})"
_DIGITS = f"(?:[0-9]{{4,8}}|{_SIX})"
_WITH_LETTERS = "(?=[A-Za-z]{0,7}[0-9])[A-Za-z0-9]{4,8}"
_FOR = "verification|one[- ]time|security|login|log-in|sign-in|confirmation|access|authentication"
_WORDS = (
    f"pin|cvv|cvc|cvn|csc|security code|card security|verification|otp|one-time|one time|2fa|sms code|{_CARD_HAN}|{_ONCE_HAN}"
)


def security_code_recognizers() -> tuple[EntityRecognizer, ...]:
    """Behind a label, with which the match begins, and before it. Six digits behind `PIN` may be an Indian postal code."""
    loosely, stated = f"{_BEFORE}(?:{_IS}|{_TO})?{_BEHIND}(?P<start>)", f"{_BEFORE}{_IS}{_BEHIND}(?P<start>)"
    label = rf"(?i)\b(?:{_CARD}|{_CARD_STATED}|{_ONCE}|(?:{_OWNER}) pin|pin)|{_CARD_HAN}|{_ONCE_HAN}"
    return (
        CheckedPatternRecognizer(
            "SECURITY_CODE",
            [
                (rf"(?:{_LEFT}(?ai:{_CARD})|{_CARD_HAN}){loosely}[0-9]{{3,4}}{_RIGHT}", STRONG),
                (rf"{_LEFT}(?ai:{_CARD_STATED}){stated}[0-9]{{3,4}}{_RIGHT}", STRONG),
                (rf"{_LEFT}(?ai:{_ONCE}){stated}{_DIGITS}{_RIGHT}", STRONG),
                (rf"{_LEFT}(?ai:{_ONCE}){loosely}{_SIX}{_RIGHT}", STRONG),
                (rf"(?:{_ONCE_HAN}){loosely}(?:{_DIGITS}|{_WITH_LETTERS}){_RIGHT}", STRONG),
                (rf"{_LEFT}(?ai:(?:{_OWNER})[ ]{_PIN}){loosely}[0-9]{{4,8}}{_RIGHT}", STRONG),
                (rf"{_LEFT}(?ai:{_PIN}){stated}[0-9]{{4}}{_RIGHT}", STRONG),
            ],
            name="SecurityCode",
            gate=[f"(?i){_WORDS}", label, f"[0-9]{{3}}|{_ONCE_HAN}"],
            starts=Places(label),
        ),
        CheckedPatternRecognizer(
            "SECURITY_CODE",
            [
                (
                    rf"{_LEFT}(?:G-)?{_DIGITS}(?P<end>)[ ](?ai:is[ ]your[ ](?:[a-z]{{1,16}}[ ]){{0,2}}(?:{_FOR})"
                    r"[ ](?:code|pin|passcode|password))(?![a-z])",
                    STRONG,
                )
            ],
            name="SecurityCodeBeforeWord",
            gate=["(?i)[0-9] is your "],
        ),
    )
