"""What bears a name of its own in English and is nobody, beside people who are called alike."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.things.english import EnglishThings

_THINGS = EnglishThings.shipped(lambda word: word in ("zainab", "tomasz"))


def _left(text: str, value: str, entity: str = "PERSON") -> list[str]:
    at = text.index(value)
    return [text[tag.start : tag.end] for tag in _THINGS.without(text, [Tag(at, at + len(value), entity, 0.9)])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Is Lisinopril safe?", "Lisinopril"),
        ("took ZOLPIDEM at night", "ZOLPIDEM"),
        ("Metoprolol Succinate daily", "Metoprolol Succinate"),
        ("Ozempic or a diet", "Ozempic"),
        ("has Parkinson's and needs care", "Parkinson"),
        ("Alzheimer’s, mostly", "Alzheimer"),
        ("with Addison's.", "Addison"),
        ("behind Gunicorn on Debian", "Gunicorn"),
        ("Qazolim 20 mg at night", "Qazolim"),
        ("was prescribed Qazolim", "Qazolim"),
        ("allergic to Qazolim", "Qazolim"),
        ("symptoms of Qazolim", "Qazolim"),
        ("with Fibromyalgia now", "Fibromyalgia"),
        ("an Adrenalectomy", "Adrenalectomy"),
        ("the PCP said so", "PCP"),
        ("NADH is made", "NADH"),
        ("a Cassandra cluster", "Cassandra"),
        ("in Ruby 3.2 it works", "Ruby"),
        ("the Travis CI file", "Travis"),
    ],
)
def test_a_thing(text: str, value: str) -> None:
    assert [_left(text, value, entity) for entity in ("PERSON", "ORGANIZATION", "LOCATION")] == [[], [], []]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Zainab 20 mg a day", "Zainab"),
        ("prescribed Tomasz something", "Tomasz"),
        ("take Qazolim home", "Qazolim"),
        ("Qazolim has 20 mg", "Qazolim"),
        ("prescribed Qazolim Carter 5 mg", "Qazolim Carter"),
        ("Dear Ativan, thank you", "Ativan"),
        ("ask Dr. Zolpidem", "Zolpidem"),
        ("Zolpidem Carter wrote", "Zolpidem Carter"),
        ("Parkinson's report is late", "Parkinson"),
        ("Addison's and Emily's flat", "Addison"),
        ("Addison has called", "Addison"),
        ("Parkinson wrote to us", "Parkinson"),
        ("Cassandra called Ruby", "Cassandra"),
        ("Ruby has 3 cats", "Ruby"),
        ("Julia and Travis left", "Travis"),
        ("pcp said so", "pcp"),
        ("Heather and Camila", "Heather"),
    ],
)
def test_somebody(text: str, value: str) -> None:
    assert _left(text, value) == [value]


def test_what_is_no_name_is_not_asked_about() -> None:
    assert _left("at 20 mg Ozempic", "Ozempic", "DATE_TIME") == ["Ozempic"]
