"""Calendar dates to the day: a date of birth, of admission, of death (HIPAA, 45 CFR 164.514(b)(2)(i)(C))."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.patterns import (
    WEAK,
    CheckedPatternRecognizer,
    ContextPatternRecognizer,
    number,
    starts_with,
)

_MONTH = ("(?ai:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
          "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)")  # fmt: skip
_M, _D, _Y = "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])", "(?:1[89]|20)[0-9]{2}"
_HAN_NUMBER = "[〇零一二三四五六七八九十]"
_SHORT = "[0-9]{2}"
"""A year of two digits: such numbers are dates only behind a word that says so."""
_EVENTS = (
    *(
        "dob",
        "d.o.b",
        "date of birth",
        "birth date",
        "birthdate",
        "birthday",
        "born",
        "geb",
        "geboren",
        "né le",
        "née le",
        "nacido",
    ),
    *("admitted", "admission", "discharged", "discharge", "died", "deceased", "date of death", "dod", "hired", "hire date"),
)
_MONTHS_ABROAD = (
    "(?i:januar|jänner|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|"
    "novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|fevereiro|"
    "março|maio|junho|julho|setembro|outubro|novembro|dezembro|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|"
    "dicembre|januari|februari|maart|mei|augustus|maj|augusti|desember|april|august|september|november)"
)
"""In German, French, Spanish, Portuguese, Italian, Dutch and Scandinavian tongues."""
_CLOCK = "[0-2][0-9]:[0-5][0-9](?::[0-5][0-9])"
_MONTH_GATE = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"


def date_recognizers() -> tuple[EntityRecognizer, ...]:
    """Numeric, English and Chinese forms; years and months alone are not personal enough to spoil a text for."""
    numeric = rf"{_Y}([-/.]){_M}\1{_D}|{_D}([-/.]){_M}\2{_Y}|{_M}([-/.]){_D}\3{_Y}"
    english = (
        rf"{_MONTH}\.? {_D}(?:st|nd|rd|th)?,? {_Y}|{_D}(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?,? {_Y}|{_D}([-/]){_MONTH}\1{_Y}"
    )
    abroad = rf"{_D}(?:\.|er|º)? (?:de )?{_MONTHS_ABROAD}(?: de| del)? {_Y}"
    deed = rf"{_D}(?:st|nd|rd|th)? day of {_MONTH},? {_Y}"
    of_a_log = rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} {{1,2}}{_D} {_CLOCK} (?:[A-Z]{{2,5}} )?{_Y}"
    short = rf"{_D}([-/. ]){_M}\1{_SHORT}|{_M}([-/. ]){_D}\2{_SHORT}|{_D}([-/ ]){_MONTH}\.?\3{_SHORT}"
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
            [(number(form), WEAK) for form in (english, deed, abroad, of_a_log)],
            name="WrittenDate",
            gate=[
                rf"{_MONTH_GATE}[A-Za-z]{{0,6}}\.? {{1,2}}[0-9]|[0-9](?:st|nd|rd|th)?(?: day)?(?: of)?[ /-]{_MONTH_GATE}|"
                rf"[0-9](?:\.|er|º)? (?:de )?{_MONTHS_ABROAD}(?: de| del)? [0-9]"
            ],
        ),
        ContextPatternRecognizer(
            "DATE_TIME",
            [(number(short), WEAK)],
            words=_EVENTS,
            name="ShortDate",
            gate=[rf"[0-9][-/. ](?:[0-9]{{1,2}}|{_MONTH_GATE}[A-Za-z]{{0,6}}\.?)[-/. ][0-9]{{2}}"],
            before=32,
        ),
        CheckedPatternRecognizer(
            "DATE_TIME", [(form, WEAK) for form in chinese], name="ChineseDate", gate=["年.{1,5}月.{1,5}[日号號]"]
        ),
    )
