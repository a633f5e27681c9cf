"""Ages over 89, which single a person out (HIPAA, 45 CFR 164.514(b)(2)(i)(C)). Younger ones are left: a model needs them."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG

_NUMBER = "(?:9[0-9]|1[01][0-9])"
_OLD = rf"(?P<start>){_NUMBER}(?P<end>)"
_LEFT, _WORD = r"(?<![0-9A-Za-z_.,$€£¥-])", r"(?<![A-Za-z])"
_WHO = (
    "(?:wo)?m[ae]n|males?|females?|lady|ladies|gentlem[ae]n|patients?|mothers?|fathers?|grand(?:mother|father|ma|pa|parent)s?|"
    "widow(?:er)?s?|resident|veteran|pensioner|person|survivor|aunt|uncle|nun|priest"
)
_IS = r"(?ai:is|was|turned|turns|turning|be|am|are|['’](?:s|m|re))"
_SOMEBODY_IS = r"(?ai:(?:he|she|they|i|who)(?:[ ](?:is|was|am|are|turned|turns)|['’](?:s|m|re)))"
_YEARS_OLD = r"[ ](?ai:years?[ ](?:old|of[ ]age)|yrs?[ ]old)(?![a-z])"
_END_OF_PHRASE = r"(?=[.,;)!?]{0,3}(?:\s{1,2}(?ai:and|but|now)(?![a-z])|\s{0,3}\Z|[.,;)!?]\s))"
_COLON = r"(?:\*{0,2}[ ]?[:=]\*{0,2}[ ]?\*{0,2}|[ ]?\()"
_UNIT = "(?:day|week|month|hour|hr|minute|min|second|sec|million|billion|thousand|percent)s?"
_CLASS = "(?:and|or)[ ](?:over|above|up|older|more)"
_NO_QUANTITY = rf"(?![0-9]|[.,:/%-][0-9]|[ ]?[%°$+]|[ -]?(?ai:{_UNIT})(?![a-z])|[ ](?ai:{_CLASS})(?![a-z]))"
"""Neither what goes on as a number, nor days that a bill is due, nor a class of ages: `aged 90 and over`."""
_HAN_BEFORE = "年龄|年齡|享年|终年|終年|高龄|高齡|高寿|高壽"
_HAN = f"{_HAN_BEFORE}|周岁|週歲|岁|歲"


def age_recognizers() -> tuple[EntityRecognizer, ...]:
    """What follows or comes before says that somebody's age is meant, not that of a house or a tree."""
    return (
        CheckedPatternRecognizer(
            "AGE",
            [
                (rf"{_LEFT}{_OLD}[- ]?(?ai:years?|yrs?)[- ](?ai:old)[- ](?ai:{_WHO})(?![a-z])", STRONG),
                (rf"{_LEFT}{_OLD}[ ]?(?ai:y/?o)(?![a-z])", STRONG),
                (rf"{_WORD}{_IS}[ ]{_OLD}(?={_YEARS_OLD})", STRONG),
                (rf"{_WORD}{_SOMEBODY_IS}[ ]{_OLD}{_END_OF_PHRASE}", STRONG),
                (
                    rf"(?<![A-Za-z-])(?ai:aged?(?:[ ]of)?|at[ ]the[ ]age[ ]of)(?:{_COLON}|[ ]){_OLD}{_NO_QUANTITY}",
                    STRONG,
                ),
                (rf"(?:{_HAN_BEFORE})[是为為:：]?[ ]?{_OLD}{_NO_QUANTITY}(?!以上|以下)", STRONG),
                (rf"{_LEFT}{_OLD}[ ]?(?:周岁|週歲|岁|歲)(?!以上|以下|月)", STRONG),
            ],
            name="OldAge",
            gate=[
                r"\b1?[0-9][0-9]",
                rf"(?i){_NUMBER}(?:[ -]?(?:years?|yrs?)[ -](?:old|of)| ?y/?o| ?[周週岁歲])|"
                rf"(?:(?:aged?|of|is|was|be|am|are|turn(?:ed|s|ing))|['’](?:s|m|re)|{_HAN})[ :=(是为為：*]{{0,9}}{_NUMBER}",
            ],
        ),
    )
