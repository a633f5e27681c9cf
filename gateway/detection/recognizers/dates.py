"""Calendar dates to the day: a date of birth, of admission, of death (HIPAA, 45 CFR 164.514(b)(2)(i)(C))."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.patterns import WEAK, CheckedPatternRecognizer, number, starts_with

_MONTH = ("(?ai:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
          "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)")  # fmt: skip
_M, _D, _Y = "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])", "(?:1[89]|20)[0-9]{2}"
_HAN_NUMBER = "[〇零一二三四五六七八九十]"
_MONTH_GATE = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"


def date_recognizers() -> tuple[EntityRecognizer, ...]:
    """Numeric, English and Chinese forms; years and months alone are not personal enough to spoil a text for."""
    numeric = rf"{_Y}([-/.]){_M}\1{_D}|{_D}([-/.]){_M}\2{_Y}|{_M}([-/.]){_D}\3{_Y}"
    english = (
        rf"{_MONTH}\.? {_D}(?:st|nd|rd|th)?,? {_Y}|{_D}(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?,? {_Y}|{_D}([-/]){_MONTH}\1{_Y}"
    )
    chinese = (
        rf"(?:{_Y}|[0-9]{{2}})[ ]?年[ ]?{_M}[ ]?月[ ]?{_D}[ ]?[日号號]",
        rf"{_HAN_NUMBER}{{2,4}}年{_HAN_NUMBER}{{1,3}}月{_HAN_NUMBER}{{1,3}}[日号號]",
    )
    return (
        CheckedPatternRecognizer(
            "DATE_TIME",
            [(number(numeric), WEAK)],
            name="CalendarDate",
            gate=["[0-9][-/.][0-9]{1,2}[-/.][0-9]"],
            starts=starts_with("0-9", "[0-9]{0,3}[-/.]"),
        ),
        CheckedPatternRecognizer(
            "DATE_TIME",
            [(number(english), WEAK)],
            name="EnglishDate",
            gate=[rf"{_MONTH_GATE}[A-Za-z]{{0,6}}\.? [0-9]|[0-9](?:st|nd|rd|th)?(?: of)?[ /-]{_MONTH_GATE}"],
        ),
        CheckedPatternRecognizer(
            "DATE_TIME", [(form, WEAK) for form in chinese], name="ChineseDate", gate=["年.{1,5}月.{1,5}[日号號]"]
        ),
    )
