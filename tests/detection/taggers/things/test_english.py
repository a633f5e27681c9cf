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
        ("has Addison's.", "Addison"),
        ("behind Gunicorn on Debian", "Gunicorn"),
        ("Qazolim 20 mg at night", "Qazolim"),
        ("was prescribed Qazolim", "Qazolim"),
        ("allergic to Qazolim", "Qazolim"),
        ("symptoms of Qazolim", "Qazolim"),
        ("side effects of Qazora", "Qazora"),
        ("May I take Qazora with alcohol?", "Qazora"),
        ("Colitis", "Colitis"),
        ("with Fibromyalgia now", "Fibromyalgia"),
        ("an Adrenalectomy", "Adrenalectomy"),
        ("the PCP said so", "PCP"),
        ("NADH is made", "NADH"),
        ("a Cassandra cluster", "Cassandra"),
        ("in Ruby 3.2.1 it works", "Ruby"),
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
        # medicine is given to people, and names that no list knows are rare ones
        ("gave Wulan 20 mg of it", "Wulan"),
        ("I prescribed Wulan 5 mg", "Wulan"),
        ("She interacts with Wulan daily", "Wulan"),
        ("Is it safe to take Wulan home?", "Wulan"),
        ("the symptoms of Wulan", "Wulan"),
        ("was prescribed Wulan's dose", "Wulan"),
        ("allergic to Wulan Carter", "Wulan"),
        ("Ask Politis about it", "Politis"),
        ("Theodosis came", "Theodosis"),
        ("lunch with Barrett's.", "Barrett"),
        ("Tom's and Hashimoto's.", "Hashimoto"),
        ("Taylor's methods are old", "Taylor"),
        ("Simpson's identity was stolen", "Simpson"),
        ("Murphy's formula is warm", "Murphy"),
        ("Julia 3.9", "Julia"),
        ("Ada queries the invoice", "Ada"),
        ("Ruby clusters them", "Ruby"),
        ("Ask Vue, Martini or Panda", "Vue"),
        ("Ask Vue, Martini or Panda", "Martini"),
        ("Ask Vue, Martini or Panda", "Panda"),
        ("RAM", "RAM"),
        ("SOW", "SOW"),
        ("Name: Gunicorn", "Gunicorn"),
        ("From: Gunicorn", "Gunicorn"),
        ("| name | Gunicorn |", "Gunicorn"),
        ("Regards,\nGunicorn", "Gunicorn"),
        ("my boss, Gunicorn", "Gunicorn"),
        ("Mr Gunicorn", "Gunicorn"),
        ("Gunicorn's birthday", "Gunicorn"),
        ("Gunicorn told us", "Gunicorn"),
        ("Gunicorn and I", "Gunicorn"),
        ("Gunicorn: hi all", "Gunicorn"),
        ("@Gunicorn please", "Gunicorn"),
    ],
)
def test_somebody(text: str, value: str) -> None:
    assert _left(text, value) == [value]


def test_what_is_no_name_is_not_asked_about() -> None:
    assert _left("at 20 mg Ozempic", "Ozempic", "DATE_TIME") == ["Ozempic"]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Maria Gunicorn called", "Maria", "Gunicorn"),
        ("Gunicorn Maria called", "Gunicorn", "Maria"),
        ("7,Maria,Gunicorn,9", "Maria", "Gunicorn"),
        ("| Maria | Gunicorn |", "Maria", "Gunicorn"),
        ("MARIA ECG", "MARIA", "ECG"),
    ],
)
def test_half_of_a_name_stays(text: str, first: str, last: str) -> None:
    tags = [
        Tag(at, at + len(value), "PERSON", 0.9) for at, value in sorted((text.index(value), value) for value in (first, last))
    ]
    assert [text[tag.start : tag.end] for tag in _THINGS.without(text, tags)] == [text[tag.start : tag.end] for tag in tags]


def test_two_things_side_by_side_and_a_degree_are_no_name() -> None:
    text = "Metoprolol Gunicorn, Maria, RN"
    tags = [Tag(at, at + len(value), "PERSON", 0.9) for value in text.replace(",", "").split() for at in (text.index(value),)]
    assert [text[tag.start : tag.end] for tag in _THINGS.without(text, tags)] == ["Maria"]
