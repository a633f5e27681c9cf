"""Where names in Latin letters begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.taggers.name_edges import whole_latin_names
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
        ("by Egnatia, Inc. It", "Egnatia", "ORGANIZATION", ("Egnatia, Inc", "ORGANIZATION")),
        ("in Paris today", "in Paris", "LOCATION", ("Paris", "LOCATION")),
        ("a Basque Bank", "Basque", "NRP", ("Basque", "NRP")),
        ("in Stratford-upon", "Stratford", "LOCATION", ("Stratford", "LOCATION")),
    ],
)  # fmt: skip
def test_edges(text: str, value: str, entity: str, whole: tuple[str, str]) -> None:
    assert named(text, (value, entity)) == [whole]


def test_two_halves_of_a_name_are_one() -> None:
    found = named("I, Anastasia-Maria Kostova", ("Anastasia", "PERSON"), ("Maria Kostova", "PERSON"))
    assert found == [("Anastasia-Maria Kostova", "PERSON")]


def test_a_dash_parts_and_a_bar_does() -> None:
    assert named("PI: Nowak – Institute of Birds | Gdynia", ("Nowak – Institute of Birds | Gdynia", "ORGANIZATION")) == [
        ("Nowak", "ORGANIZATION"),
        ("Institute of Birds", "ORGANIZATION"),
        ("Gdynia", "ORGANIZATION"),
    ]


@pytest.mark.parametrize("value", ["88-4421-09, 88-4421", "ISBN", "D.O.B"])
def test_part_numbers_and_words_for_numbers_are_no_names(value: str) -> None:
    assert named(f"x {value} y", (value, "LOCATION")) == []


@settings(max_examples=40)
@given(st.text("Ab -–|,.Ltd\n", max_size=30), st.integers(0, 29), st.integers(1, 30))
def test_offsets_stay_in_order_and_in_the_text(text: str, start: int, size: int) -> None:
    tags = [Tag(start, min(start + size, len(text)), "PERSON", 0.9)] if start < len(text) else []
    ends = [edge for tag in whole_latin_names(text, tags) for edge in (tag.start, tag.end)]
    assert ends == sorted(ends)
    assert not ends or 0 <= ends[0] < ends[-1] <= len(text)
