"""Where names in Latin letters begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.taggers.latin.name_edges import whole_latin_names
from gateway.detection.taggers.sieve import Tag


def named(text: str, *values: tuple[str, str]) -> list[tuple[str, str]]:
    """The names in `text` after `values`, each with its type, were tagged in this order."""
    tags = [Tag(text.index(value), text.index(value) + len(value), entity, 0.9) for value, entity in values]
    return [(text[tag.start : tag.end], tag.entity) for tag in whole_latin_names(text, tags)]


@pytest.mark.parametrize(
    ("text", "value", "entity", "whole"),
    [
        ("Hugo Ashworth-Lyme left", "Hugo Ashworth", "PERSON", ("Hugo Ashworth-Lyme", "PERSON")),
        ("CRANFORD LETTINGS LIMITED (Defendant)", "CRANFORD LETTINGS", "ORGANIZATION", ("CRANFORD LETTINGS LIMITED", "ORGANIZATION")),
        ("HR of Lakshmi Ispat Works?", "Lakshmi Ispat", "PERSON", ("Lakshmi Ispat Works", "ORGANIZATION")),
        ("Arctic Freight AS, Storgata", "Arctic Freight", "ORGANIZATION", ("Arctic Freight AS", "ORGANIZATION")),
        ("by Egnatia, Inc. It", "Egnatia", "ORGANIZATION", ("Egnatia, Inc.", "ORGANIZATION")),
        ("the World Health Organization", "World Health", "ORGANIZATION", ("World Health Organization", "ORGANIZATION")),
        ("by Owen Tarrant Jr. and", "Owen Tarrant", "PERSON", ("Owen Tarrant Jr.", "PERSON")),
        ("by Owen Tarrant, Sr, and", "Owen Tarrant", "PERSON", ("Owen Tarrant, Sr", "PERSON")),
        ("by Owen Tarrant III.", "Owen Tarrant", "PERSON", ("Owen Tarrant III", "PERSON")),
        ("gave Owen Tarrant IV fluids", "Owen Tarrant", "PERSON", ("Owen Tarrant", "PERSON")),
        ("by Owen Tarrant, MD", "Owen Tarrant", "PERSON", ("Owen Tarrant", "PERSON")),
        ("Kandy Motors (Pvt) Ltd, Kandy", "Kandy Motors", "ORGANIZATION", ("Kandy Motors (Pvt) Ltd", "ORGANIZATION")),
        ("to Reto, 3011 Bern, rent", "Bern", "LOCATION", ("3011 Bern", "LOCATION")),
        ("PSČ: x\n120 00 Praha 2", "Praha", "LOCATION", ("120 00 Praha", "LOCATION")),
        ("x, D-28217 Bremen", "Bremen", "LOCATION", ("D-28217 Bremen", "LOCATION")),
        ("in May, 2011 Bern was", "Bern", "LOCATION", ("Bern", "LOCATION")),
        ("paid 3000 London firms", "London", "LOCATION", ("London", "LOCATION")),
        ("Strada Lunga nr. 4, Cluj", "Strada Lunga", "LOCATION", ("Strada Lunga nr. 4", "LOCATION")),
        ("he said Oslo would", "said Oslo", "LOCATION", ("Oslo", "LOCATION")),
        ("call @pia_solheim7!", "pia", "PERSON", ("pia_solheim7", "PERSON")),
        ("ask pia.solheim_7.", "solheim", "PERSON", ("pia.solheim_7", "PERSON")),
        ("ask pia.Then go", "pia", "PERSON", ("pia", "PERSON")),
        ("for pia_index in range(5): go()", "pia", "PERSON", ("pia", "PERSON")),
        ("met Ελένη Δήμου in", "Δήμου", "PERSON", ("Ελένη Δήμου", "PERSON")),
        ("did अनिल वर्मा, who", "वर्मा", "PERSON", ("अनिल वर्मा", "PERSON")),
        ("met Ελένη και Πέτρο in", "Ελένη", "PERSON", ("Ελένη", "PERSON")),
        ("Το είπε η Ελένη Δήμου στο Βόλο", "Ελένη", "PERSON", ("Ελένη", "PERSON")),
        ("in Paris today", "in Paris", "LOCATION", ("Paris", "LOCATION")),
        ("of Dallas, TX 75201 and", "TX", "LOCATION", ("TX 75201", "LOCATION")),
        ("of Dallas TX 75201-1234.", "Dallas TX", "LOCATION", ("Dallas TX 75201-1234", "LOCATION")),
        ("in ROMA 75201 seats", "ROMA", "LOCATION", ("ROMA", "LOCATION")),
        ("of Dallas TX LLC", "Dallas TX", "LOCATION", ("Dallas TX LLC", "ORGANIZATION")),
        ("in TX 752013", "TX", "LOCATION", ("TX", "LOCATION")),
        ("a Basque Bank", "Basque", "NRP", ("Basque", "NRP")),
        ("in Stratford-upon", "Stratford", "LOCATION", ("Stratford", "LOCATION")),
    ],
)  # fmt: skip
def test_edges(text: str, value: str, entity: str, whole: tuple[str, str]) -> None:
    assert named(text, (value, entity)) == [whole]


def test_two_halves_of_a_name_are_one() -> None:
    found = named("I, Anastasia-Maria Kostova", ("Anastasia", "PERSON"), ("Maria Kostova", "PERSON"))
    assert found == [("Anastasia-Maria Kostova", "PERSON")]


@pytest.mark.parametrize(
    ("text", "left", "right", "whole"),
    [
        ("of Ridge Cycles, Inc., in", ("Ridge Cycles", "ORGANIZATION"), ("Inc", "ORGANIZATION"), "ORGANIZATION"),
        ("of H. J. Orme & Company", ("H. J. Orme", "PERSON"), ("& Company", "ORGANIZATION"), "ORGANIZATION"),
        ("the Democratic Union of Corsica", ("Democratic Union", "ORGANIZATION"), ("Corsica", "LOCATION"), "ORGANIZATION"),
        ("from Ada Eze-Marden", ("Ada Eze", "PERSON"), ("Marden", "ORGANIZATION"), "PERSON"),
        ("by pia_solheim", ("pia", "PERSON"), ("solheim", "PERSON"), "PERSON"),
        ("to Springfield, IL 62704", ("Springfield", "LOCATION"), ("IL 62704", "LOCATION"), "LOCATION"),
        ("to Fall River MA 02720-1234", ("Fall River", "LOCATION"), ("MA 02720-1234", "LOCATION"), "LOCATION"),
    ],
)
def test_two_parts_of_a_name_are_one(text: str, left: tuple[str, str], right: tuple[str, str], whole: str) -> None:
    assert named(text, left, right) == [(text[text.index(left[0]) : text.index(right[0]) + len(right[0])], whole)]


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("the Reading Group of Oslo", ("Reading Group", "ORGANIZATION"), ("Oslo", "LOCATION")),
        ("Ada Eze, Works Council", ("Ada Eze", "PERSON"), ("Works Council", "ORGANIZATION")),
        ("in Springfield, Ohio", ("Springfield", "LOCATION"), ("Ohio", "LOCATION")),
        ("at Acme, IL 62704", ("Acme", "ORGANIZATION"), ("IL 62704", "LOCATION")),
        ("the Paris-Nice race", ("Paris", "LOCATION"), ("Nice race", "ORGANIZATION")),
    ],
)
def test_two_names_stay_two(text: str, left: tuple[str, str], right: tuple[str, str]) -> None:
    assert named(text, left, right) == [left, right]


def test_words_of_a_name_in_another_script_are_one_person() -> None:
    found = named("ask สมชาย ใจดี today", ("า", "ORGANIZATION"), ("ย ", "PERSON"), ("จ", "ORGANIZATION"))
    assert found == [("สมชาย ใจดี", "PERSON")]


def test_a_dash_parts_and_a_bar_does() -> None:
    assert named("PI: Nowak – Institute of Birds | Gdynia", ("Nowak – Institute of Birds | Gdynia", "ORGANIZATION")) == [
        ("Nowak", "ORGANIZATION"),
        ("Institute of Birds", "ORGANIZATION"),
        ("Gdynia", "ORGANIZATION"),
    ]


@pytest.mark.parametrize(
    "value", ["88-4421-09, 88-4421", "ISBN", "D.O.B", "SSNs", "NHS number", "NHS number 943 476 5919", "IBAN code", "pesel"]
)
def test_part_numbers_and_words_for_numbers_are_no_names(value: str) -> None:
    assert named(f"x {value} y", (value, "LOCATION")) == []


@settings(max_examples=40)
@given(st.text("Ab -–|,.Ltd\n", max_size=30), st.integers(0, 29), st.integers(1, 30))
def test_offsets_stay_in_order_and_in_the_text(text: str, start: int, size: int) -> None:
    tags = [Tag(start, min(start + size, len(text)), "PERSON", 0.9)] if start < len(text) else []
    ends = [edge for tag in whole_latin_names(text, tags) for edge in (tag.start, tag.end)]
    assert ends == sorted(ends)
    assert not ends or 0 <= ends[0] < ends[-1] <= len(text)


@pytest.mark.parametrize(
    ("text", "value"), [("send your Aadhaar now", "Aadhaar"), ("its S/N PF3KZ9QX", "S/N PF3KZ9QX"), ("to Dr. Roe", "Dr.")]
)
def test_what_numbers_are_called_and_titles_are_nobody(text: str, value: str) -> None:
    assert named(text, (value, "PERSON")) == []
