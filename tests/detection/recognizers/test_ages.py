"""Ages over 89, and numbers that are none."""

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.ages import age_recognizers

_CORE = PresidioDetector(age_recognizers())


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("The patient is a 93-year-old woman.", "93"),
        ("a 101 year old veteran", "101"),
        ("93yo male with chest pain", "93"),
        ("90 y/o f, fell at home", "90"),
        ("her sister was 97 years old", "97"),
        ("Grandpa turned 99 years old in May", "99"),
        ("She's 94, and lives alone.", "94"),
        ("He is 95", "95"),
        ("aged 92, widowed", "92"),
        ("died at the age of 104.", "104"),
        ("Age: 96", "96"),
        ("**Age :** **96**", "96"),
        ("Mrs K., age (94), fell", "94"),
        ("Patient (aged 91)", "91"),
        ("- **Age:** 96", "96"),
        ("高壽94", "94"),
        ("患者，女，93岁，跌倒后入院", "93"),
        ("享年94", "94"),
        ("年龄：102", "102"),
    ],
)
def test_found(text: str, age: str) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("AGE", age)]


@pytest.mark.parametrize(
    "text",
    [
        "a 34-year-old woman and her son, 8 years old",
        "患者67岁，90岁以上老人优先",
        "a 100-year-old oak behind a 95-year-old house",
        "Cache-Control: max-age=100",
        "She is 95% sure; it is 98.6 °F and I am 95 kg",
        "page 92, aged 92.5 hours, 93 users",
        "She is 95 percent done",
        "invoices aged 90 days, receivables aged 90+ days",
        "at the age of 100 million years",
        "people aged 90 and over",
        "max-age(100), age (90 days), page (94)",
        "年龄90以上，年龄：90%",
    ],
)
def test_left(text: str) -> None:
    assert not _CORE.analyze(text)
