"""What the network takes for names and is none, beside names that stand alike."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.no_names import without_no_names
from gateway.detection.taggers.sieve import Tag


def _left(text: str, value: str, entity: str) -> list[str]:
    at = text.index(value)
    return [text[tag.start : tag.end] for tag in without_no_names(text, [Tag(at, at + len(value), entity, 0.9)])]


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("def load(self, carter):\n    pass", "carter", "PERSON"),
        ("    return carter + 1", "carter", "PERSON"),
        ("x = self.carter", "carter", "PERSON"),
        ("fails in paris/jobs/load.py line 3", "paris", "LOCATION"),
        ("from lib.core import Austin, Chelsea", "Chelsea", "PERSON"),
        ("class Sydney(Austin):", "Austin", "LOCATION"),
        ("an Allen key", "Allen", "PERSON"),
        ("Moore's law and more", "Moore", "PERSON"),
        ("the Hankel transform of it", "Hankel", "PERSON"),
        ("Taylor's theorem says", "Taylor", "PERSON"),
        ("a Jordan normal form", "Jordan", "LOCATION"),
        ("by Ann Roe, LCSW and", "LCSW", "ORGANIZATION"),
        ("wants GHS 9,000", "GHS", "ORGANIZATION"),
        ("about 9k PLN a month", "PLN", "LOCATION"),
    ],
)
def test_no_name(text: str, value: str, entity: str) -> None:
    assert _left(text, value, entity) == []


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("ask carter (he knows); thanks", "carter", "PERSON"),
        ("iphix is a 501(c)3 that invites", "iphix", "ORGANIZATION"),
        ("user=carter action=login;", "carter", "PERSON"),
        ('{"owner": "carter"};', "carter", "PERSON"),
        ("x = 1;  // ask carter why", "carter", "PERSON"),
        ("def load(self):  # carter wrote it", "carter", "PERSON"),
        ("see /home/carter/jobs/load.py", "carter", "PERSON"),
        ("Moore's law firm", "Moore", "PERSON"),
        ("class Austin 3B went home", "Austin", "PERSON"),
        ("Taylor and the theorem", "Taylor", "PERSON"),
        ("LCSW offices", "LCSW", "ORGANIZATION"),
        ("a bank in GHS town", "GHS", "ORGANIZATION"),
        ("Ann Taylor transform", "Ann Taylor", "PERSON"),
    ],
)
def test_a_name(text: str, value: str, entity: str) -> None:
    assert _left(text, value, entity) == [value]
