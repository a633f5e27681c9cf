"""What bears a name of its own in English and is nobody, beside people who are called alike."""

from __future__ import annotations

import re

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
        ("in Julia 1.10.4 it works", "Julia"),
        ("Metformin500mg twice", "Metformin"),
        ("Parkinson's medication", "Parkinson"),
        ("has Addison's and celiac disease", "Addison"),
        ("by Horner's method", "Horner"),
        ("Qazoprevir 20 mg", "Qazoprevir"),
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
        # how people and towns are called ends like a medicine
        ("gave Jasvir 5 ml of it", "Jasvir"),
        ("doses of Taslim", "Taslim"),
        ("ml of Gardone", "Gardone"),
        ("the side effects of Ebuka leaving", "Ebuka"),
        ("took Amarachi with food poisoning to hospital", "Amarachi"),
        # dates are no versions
        ("Cassandra 14.07.1990", "Cassandra"),
        ("Travis 1.10.2024 4 h", "Travis"),
        ("Julia 1.12.24", "Julia"),
        ("Addison's medication was changed", "Addison"),
        ("Barrett's treatment plan", "Barrett"),
        ("I have Hodgkin's and Miller's files", "Hodgkin"),
        ("Boyle's rules are clear", "Boyle"),
        ("Cramer's method is old", "Cramer"),
        # programs that are firms as well
        ("She works at Roblox now", "Roblox"),
        ("Software Engineer at Roblox", "Roblox"),
        ("Roblox, Software Engineer, 2019", "Roblox"),
        ("He joined Roblox", "Roblox"),
        ("Lunch with Ana at Roblox", "Roblox"),
        ("Employer: Roblox", "Roblox"),
        ("Roblox hired me", "Roblox"),
        ("Sushi is late", "Sushi"),
        ("ask Roblox_88 about it", "Roblox"),
        ("ask mr_Roblox about it", "Roblox"),
        ("Kimchi.Kowalski wrote", "Kimchi"),
        ("ask Kimchi88 about it", "Kimchi"),
        ("I live in Prosecco", "Prosecco"),
        ("他在Roblox上班", "Roblox"),
        ("公司：Roblox", "Roblox"),
        ("HR王", "HR王"),
        ("Worcestershire and CNN", "Worcestershire"),
        ("Worcestershire and CNN", "CNN"),
    ],
)
def test_somebody(text: str, value: str) -> None:
    assert _left(text, value) == [value]


def test_what_is_no_name_is_not_asked_about() -> None:
    assert _left("at 20 mg Ozempic", "Ozempic", "DATE_TIME") == ["Ozempic"]


def test_a_tag_may_be_a_space_and_a_character() -> None:
    assert _left("x 某", " 某") == [" 某"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Addison Clarke has Addison's.", ["Addison Clarke", "Addison"]),
        ("Mr Gunicorn and the Gunicorn", ["Gunicorn", "Gunicorn"]),
        ("Clarke has Addison's.", ["Clarke"]),
    ],
)
def test_who_is_named_in_the_text_is_somebody_wherever_the_name_stands(text: str, kept: list[str]) -> None:
    names = re.finditer("Addison Clarke|Addison|Clarke|Gunicorn", text)
    tags = [Tag(*name.span(), "PERSON", 0.9) for name in names]
    assert [text[tag.start : tag.end] for tag in _THINGS.without(text, tags)] == kept


@pytest.mark.parametrize(
    ("text", "kept"), [("7,Leeds,Roblox", True), ("Leeds | Roblox", True), ('"Leeds", "Roblox"', True), ("Leeds Roblox", False)]
)
def test_a_firm_beside_a_town_in_a_table_stays(text: str, kept: bool) -> None:
    tags = [Tag(text.index(one), text.index(one) + len(one), "LOCATION", 0.9) for one in ("Leeds", "Roblox")]
    assert (len(list(_THINGS.without(text, tags))) == 2) is kept


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
